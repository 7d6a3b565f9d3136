import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { nn, ones, randn, type Tensor, tensor, zeros } from "../../../lib/torch/index.ts";

const F = nn.functional;
const labels = (values: number[]) => tensor(values, { dtype: "int64" });

function same(actual: Tensor, expected: unknown): void {
  assert.deepEqual(actual.tolist(), (expected as Tensor).tolist());
}

describe("functions give what their modules give", () => {
  const rows = randn([4, 6]);
  const image = randn([2, 4, 5, 6]);
  const volume = randn([1, 2, 4, 4, 4]);
  const linear = new nn.Linear(6, 3);
  const bilinear = new nn.Bilinear(6, 6, 2);
  const conv = new nn.Conv2d(4, 2, 3, { padding: "same" });
  const norm = new nn.LayerNorm(6);
  const batch = new nn.BatchNorm1d(6).eval();
  const group = new nn.GroupNorm(2, 4);
  const table = new nn.Embedding(5, 2, { paddingIdx: 1 });
  const prelu = new nn.PReLU();
  const indices = labels([0, 1, 4]);
  const cases: [string, () => Tensor, () => Tensor][] = [
    ["linear", () => F.linear(rows, linear.weight, linear.bias), () => linear.forward(rows)],
    [
      "bilinear",
      () => F.bilinear(rows, rows, bilinear.weight, bilinear.bias),
      () => bilinear.forward(rows, rows),
    ],
    [
      "conv2d",
      () => F.conv2d(image, conv.weight, { bias: conv.bias, padding: "same" }),
      () => conv.forward(image),
    ],
    [
      "layerNorm",
      () => F.layerNorm(rows, [6], { weight: norm.weight, bias: norm.bias }),
      () => norm.forward(rows),
    ],
    ["batchNorm", () => F.batchNorm(rows, batch.runningMean, batch.runningVar), () => batch.forward(rows)],
    [
      "groupNorm",
      () => F.groupNorm(image, 2, { weight: group.weight, bias: group.bias }),
      () => group.forward(image),
    ],
    ["embedding", () => F.embedding(indices, table.weight, { paddingIdx: 1 }), () => table.forward(indices)],
    ["maxPool2d", () => F.maxPool2d(image, 2), () => new nn.MaxPool2d(2).forward(image)],
    ["maxPool3d", () => F.maxPool3d(volume, 2), () => new nn.MaxPool3d(2).forward(volume)],
    ["avgPool2d", () => F.avgPool2d(image, [2, 3]), () => new nn.AvgPool2d([2, 3]).forward(image)],
    ["avgPool1d", () => F.avgPool1d(rows, 2), () => new nn.AvgPool1d(2).forward(rows)],
    [
      "adaptiveAvgPool2d",
      () => F.adaptiveAvgPool2d(image, [2, null]),
      () => new nn.AdaptiveAvgPool2d([2, null]).forward(image),
    ],
    ["relu", () => F.relu(rows), () => new nn.ReLU().forward(rows)],
    ["relu6", () => F.relu6(rows), () => new nn.ReLU6().forward(rows)],
    ["selu", () => F.selu(rows), () => new nn.SELU().forward(rows)],
    ["leakyRelu", () => F.leakyRelu(rows), () => new nn.LeakyReLU().forward(rows)],
    ["rrelu", () => F.rrelu(rows), () => new nn.RReLU().eval().forward(rows)],
    ["prelu", () => F.prelu(rows, prelu.weight), () => prelu.forward(rows)],
    ["elu", () => F.elu(rows, { alpha: 2 }), () => new nn.ELU({ alpha: 2 }).forward(rows)],
    ["celu", () => F.celu(rows), () => new nn.CELU().forward(rows)],
    [
      "gelu",
      () => F.gelu(rows, { approximate: "tanh" }),
      () => new nn.GELU({ approximate: "tanh" }).forward(rows),
    ],
    ["hardtanh", () => F.hardtanh(rows), () => new nn.Hardtanh().forward(rows)],
    ["softplus", () => F.softplus(rows), () => new nn.Softplus().forward(rows)],
    ["threshold", () => F.threshold(rows, 0.5, 2), () => new nn.Threshold(0.5, 2).forward(rows)],
    ["hardshrink", () => F.hardshrink(rows), () => new nn.Hardshrink().forward(rows)],
    ["softshrink", () => F.softshrink(rows), () => new nn.Softshrink().forward(rows)],
    ["sigmoid", () => F.sigmoid(rows), () => new nn.Sigmoid().forward(rows)],
    ["logsigmoid", () => F.logsigmoid(rows), () => new nn.LogSigmoid().forward(rows)],
    ["tanh", () => F.tanh(rows), () => new nn.Tanh().forward(rows)],
    ["tanhshrink", () => F.tanhshrink(rows), () => new nn.Tanhshrink().forward(rows)],
    ["softsign", () => F.softsign(rows), () => new nn.Softsign().forward(rows)],
    ["glu", () => F.glu(rows), () => new nn.GLU().forward(rows)],
    ["softmax", () => F.softmax(rows, { dim: 1 }), () => new nn.Softmax({ dim: 1 }).forward(rows)],
    ["logSoftmax", () => F.logSoftmax(rows, { dim: 1 }), () => new nn.LogSoftmax({ dim: 1 }).forward(rows)],
    ["softmin", () => F.softmin(rows, { dim: 1 }), () => new nn.Softmin({ dim: 1 }).forward(rows)],
    ["dropout", () => F.dropout(rows, { training: false }), () => new nn.Dropout().eval().forward(rows)],
    ["alphaDropout", () => F.alphaDropout(rows), () => new nn.AlphaDropout().eval().forward(rows)],
  ];
  for (const [name, run, module] of cases) test(name, () => same(run(), module()));
});

describe("losses", () => {
  const logits = tensor([[1, 2, 3]]);

  test("a label out of range is a RangeError, and the ignored one is not", () => {
    for (const label of [3, -1]) {
      assert.throws(() => F.crossEntropy(logits, labels([label])), RangeError);
      assert.throws(() => F.nllLoss(logits, labels([label])), RangeError);
    }
    assert.equal(F.crossEntropy(logits, labels([-1]), { ignoreIndex: -1, reduction: "sum" }).item(), 0);
  });

  test("a label out of range in a batch is an error, not a crash", () => {
    const batch = randn([64, 3], { requiresGrad: false });
    const many = labels(Array.from({ length: 64 }, (_, row) => (row === 63 ? 1e6 : 0)));
    assert.throws(() => F.crossEntropy(batch, many), /\[torch\.nn\.functional\.crossEntropy\]/);
    assert.throws(() => F.crossEntropy(batch, many, { weight: ones([3]) }), RangeError);
    assert.throws(() => F.crossEntropy(batch, many, { labelSmoothing: 0.1 }), RangeError);
  });

  test("sizes and options are checked", () => {
    assert.throws(() => F.binaryCrossEntropy(zeros([2]), zeros([3])), /expected the input's size \[2\]/);
    assert.throws(() => F.binaryCrossEntropyWithLogits(zeros([2]), zeros([2, 1])), /size/);
    assert.throws(() => F.binaryCrossEntropy(tensor([2]), tensor([1])), /between 0 and 1/);
    assert.throws(
      () => F.mseLoss(zeros([2]), zeros([2]), { reduction: "avg" as never }),
      /reduction to be one of/,
    );
    assert.throws(() => F.crossEntropy(logits, labels([0, 1])), /batch_size/);
    assert.throws(() => F.crossEntropy(logits, labels([0]), { labelSmoothing: 2 }), /labelSmoothing/);
    assert.throws(
      () => F.softmax(logits, {} as never),
      /\[nn.functional.softmax\] expected an integer for dim/,
    );
    assert.throws(() => F.dropout(logits, { p: -1 }), /\[nn.functional.dropout\] expected a number/);
  });

  test("a size that differs is broadcast, with a warning", async () => {
    const warning = new Promise<Error>((resolve) => process.once("warning", resolve));
    assert.equal(F.mseLoss(zeros([2, 1]), ones([2])).item(), 1);
    assert.match((await warning).message, /\[nn.functional.mseLoss\] the target's size \[2\] differs/);
  });

  test("weights of a loss module are buffers that move with it", () => {
    const loss = new nn.CrossEntropyLoss({ weight: ones([3]) });
    assert.deepEqual(Object.keys(loss.stateDict()), ["weight"]);
    loss.to("float64");
    assert.equal(loss.forward(logits.to("float64"), labels([2])).dtype, "float64");
  });
});
