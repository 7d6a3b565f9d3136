import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { full, nn, ones, randn, tensor, zeros } from "../../../lib/torch/index.ts";

const F = nn.functional;
const { MultiheadAttention, Transformer, TransformerDecoderLayer, TransformerEncoderLayer } = nn;

describe("transformers", () => {
  test("start with equal layers that learn by themselves", () => {
    const layer = new TransformerEncoderLayer(4, 2, { dimFeedforward: 8 });
    const encoder = new nn.TransformerEncoder(layer, 2);
    const [first, second] = [...encoder.layers] as [nn.TransformerEncoderLayer, nn.TransformerEncoderLayer];
    assert.deepEqual(first.linear1.weight.tolist(), layer.linear1.weight.tolist());
    assert.deepEqual(first.linear1.weight.tolist(), second.linear1.weight.tolist());
    assert.ok(![layer, second].some((other) => other.linear1.weight === first.linear1.weight));
    assert.equal(new Set(encoder.parameters()).size, 2 * layer.parameters().length);
  });

  test("keep an activation that is a module in the copies of decoder layers", () => {
    const activation = new nn.Tanh();
    const layer = new TransformerDecoderLayer(4, 2, { dimFeedforward: 8, activation }).eval();
    const decoder = new nn.TransformerDecoder(layer, 1).eval();
    const [tgt, memory] = [randn([3, 1, 4]), randn([2, 1, 4])];
    assert.deepEqual(decoder.forward(tgt, memory).tolist(), layer.forward(tgt, memory).tolist());
  });

  test("see nothing of what is masked", () => {
    const layer = new TransformerEncoderLayer(4, 2, { dimFeedforward: 8, batchFirst: true }).eval();
    const srcMask = Transformer.generateSquareSubsequentMask(3);
    const src = randn([1, 3, 4]);
    const other = src.clone();
    other.narrow(1, 2, 1).zero_();
    const early = (input: typeof src, isCausal: boolean) =>
      layer.forward(input, { srcMask, isCausal }).narrow(1, 0, 2).tolist();
    assert.deepEqual(early(src, false), early(other, false));
    assert.deepEqual(early(src, true), early(src, false));
    const padded = { srcKeyPaddingMask: tensor([[false, false, true]]) };
    assert.deepEqual(
      layer.forward(src, padded).narrow(1, 0, 2).tolist(),
      layer.forward(other, padded).narrow(1, 0, 2).tolist(),
    );
  });

  test("take layers and coders of one's own", () => {
    class Twice extends nn.Module {
      override forward(input: typeof source): typeof source {
        return input.mul(2);
      }
    }
    const source = ones([2, 1, 4]);
    const encoder = new nn.TransformerEncoder(new Twice(), 3);
    assert.deepEqual(encoder.forward(source).tolist(), source.mul(8).tolist());
    const transformer = new Transformer({ dModel: 4, customEncoder: encoder, customDecoder: new Twice() });
    assert.deepEqual(transformer.forward(source, source).tolist(), source.mul(2).tolist());
  });

  test("are made as, and where, the options say", () => {
    const transformer = new Transformer({ dModel: 4, nhead: 2, dimFeedforward: 8, dtype: "float64" });
    assert.ok(transformer.parameters().every((parameter) => parameter.dtype === "float64"));
    const adaptive = new nn.AdaptiveLogSoftmaxWithLoss(8, 6, [3], { dtype: "float64" });
    const linear = new nn.LinearCrossEntropyLoss(4, 2, { dtype: "float64" });
    for (const module of [adaptive, linear]) assert.equal(module.parameters()[0]?.dtype, "float64");
    assert.throws(() => new MultiheadAttention(4, 2, { dtype: "int64" as never }), /a floating dtype/);
  });

  test("make causal masks", () => {
    const inf = Number.NEGATIVE_INFINITY;
    assert.deepEqual(Transformer.generateSquareSubsequentMask(2).tolist(), [
      [0, inf],
      [0, 0],
    ]);
    assert.equal(Transformer.generateSquareSubsequentMask(2, { dtype: "float64" }).dtype, "float64");
  });
});

describe("attention", () => {
  test("gives weights that add up to 1, by head or on average, or none", () => {
    const attention = new MultiheadAttention(4, 2, { batchFirst: true });
    const [query, key] = [randn([3, 2, 4]), randn([3, 5, 4])];
    const [output, weights] = attention.forward(query, key, key);
    assert.deepEqual(
      [output.shape, weights?.shape],
      [
        [3, 2, 4],
        [3, 2, 5],
      ],
    );
    assert.ok(weights?.sum(2).allclose(ones([3, 2])));
    const heads = attention.forward(query, key, key, { averageAttnWeights: false })[1];
    assert.deepEqual(heads?.shape, [3, 2, 2, 5]);
    const [fused, none] = attention.forward(query, key, key, { needWeights: false });
    assert.equal(none, null);
    assert.ok(fused.allclose(output, { rtol: 1e-4, atol: 1e-6 }));
  });

  const attention = new MultiheadAttention(4, 2);
  const x = randn([3, 1, 4]);
  const gone = randn([3, 1, 4]);
  gone.dispose();
  const cases: Record<string, [run: () => unknown, message: RegExp]> = {
    "heads that do not divide": [() => new MultiheadAttention(4, 3), /a divisor of 4 for numHeads/],
    "no heads": [() => new MultiheadAttention(4, 0), /numHeads/],
    "a dropout of 2": [() => new MultiheadAttention(4, 2, { dropout: 2 }), /dropout/],
    "an unknown option": [() => new MultiheadAttention(4, 2, { biass: true } as never), /"bias"/],
    "an unknown activation": [
      () => new TransformerEncoderLayer(4, 2, { activation: "gelo" as never }),
      /Did you mean "gelu"/,
    ],
    "an activation that is none": [
      () => new TransformerEncoderLayer(4, 2, { activation: 3 as never }),
      /a function or a Module for activation/,
    ],
    "a layer that is none": [() => new nn.TransformerEncoder({} as never, 2), /a Module for layer/],
    "no layers": [() => new nn.TransformerDecoder(new TransformerDecoderLayer(4, 2), 0), /numLayers/],
    "other features": [() => attention.forward(randn([3, 1, 6]), x, x), /4 features for query/],
    "a key of another length than the value": [() => attention.forward(x, randn([2, 1, 4]), x), /value/],
    "a query of 4 dimensions": [() => attention.forward(ones([1, 1, 1, 4]), x, x), /2 or 3 dimensions/],
    "a mask of another size": [() => attention.forward(x, x, x, { attnMask: ones([2, 3]) }), /\[3,3\]/],
    "padding of another size": [
      () => attention.forward(x, x, x, { keyPaddingMask: ones([1, 2]) }),
      /\[1,3\] for the size of keyPaddingMask/,
    ],
    "a mask of integers": [
      () => attention.forward(x, x, x, { attnMask: ones([3, 3], { dtype: "int64" }) }),
      /a boolean or floating tensor for attnMask/,
    ],
    "isCausal without the mask": [() => attention.forward(x, x, x, { isCausal: true }), /causal mask/],
    "a disposed input": [() => attention.forward(gone, gone, gone), /disposed/],
    "source and target of two batches": [
      () => new Transformer({ dModel: 4, nhead: 2 }).forward(ones([2, 3, 4]), ones([2, 2, 4])),
      /the source's batch of 3/,
    ],
    "grouped heads without any (SIGFPE in LibTorch)": [
      () =>
        F.scaledDotProductAttention(ones([1, 2, 3]), ones([1, 0, 3, 3]), ones([1, 3, 3]), {
          enableGqa: true,
        }),
      /heads of key/,
    ],
    "fewer values than keys": [
      () => F.scaledDotProductAttention(ones([1, 1, 9, 4]), ones([1, 1, 9, 4]), ones([1, 1, 1, 4])),
      /as many values as keys/,
    ],
  };
  for (const [name, [run, message]] of Object.entries(cases)) {
    test(`${name}: an error`, () => assert.throws(run, message));
  }
});

describe("functions on which LibTorch crashes", () => {
  test("gridSample takes NaN for -1 and infinities for what is far outside", () => {
    const input = tensor([
      [
        [
          [1, 2],
          [3, 4],
        ],
      ],
    ]).expand([5, 1, 2, 2]);
    const grid = full([5, 1, 1, 2], Number.NaN);
    for (const paddingMode of ["border", "reflection"] as const)
      assert.equal(F.gridSample(input, grid, { paddingMode }).index(0, 0, 0, 0).item(), 1);
    const far = full([5, 3, 4, 2], Number.POSITIVE_INFINITY).requiresGrad_();
    const border = F.gridSample(input, far, { paddingMode: "border" });
    assert.equal(border.index(0, 0, 0, 0).item(), 4);
    border.sum().backward();
    assert.deepEqual(far.grad?.sum().item(), 0);
  });

  test("embeddingBag refuses indices without a bag, or past the last", () => {
    const [table, indices] = [ones([4, 2]), tensor([0n, 1n, 2n])];
    const none = { offsets: tensor([] as bigint[], { dtype: "int64" }) };
    assert.throws(() => F.embeddingBag(indices, table, none), /at least one bag/);
    assert.throws(() => new nn.EmbeddingBag(4, 2).forward(indices, none.offsets), /at least one bag/);
    const short = { offsets: tensor([0n, 2n]), includeLastOffset: true };
    assert.throws(() => F.embeddingBag(indices, table, short), /number of indices/);
  });

  test("and others refuse what does not fit", () => {
    assert.throws(() => F.affineGrid(ones([1, 2, 3]), [1, 1, 0, 2]), /outputSize/);
    assert.throws(() => F.affineGrid(ones([1, 3, 3]), [1, 1, 2, 2]), /\[1,2,3\] for the size of theta/);
    assert.throws(() => F.gridSample(zeros([1, 1, 2, 2]), zeros([2, 1, 1, 2])), /grid/);
    assert.throws(() => F.oneHot(tensor([5n]), { numClasses: 3 }), /one_hot|num_classes/i);
    assert.throws(() => F.gumbelSoftmax(ones([2]), { tau: 0 }), /above 0 for tau/);
  });
});
