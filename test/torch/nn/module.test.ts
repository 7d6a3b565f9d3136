import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  keep,
  memory,
  nn,
  noGrad,
  ones,
  randn,
  scope,
  type Tensor,
  tensor,
  zeros,
} from "../../../lib/torch/index.ts";

class Scaled extends nn.Module {
  linear = new nn.Linear(2, 2);
  scale = new nn.Parameter(ones([2]));
  label = "not a part";

  override forward(x: Tensor): Tensor {
    return this.linear.forward(x).mul(this.scale);
  }
}

class Node extends nn.Module {
  weight = new nn.Parameter(ones([1]));
  parent: Node | null = null;
  child: Node | null = null;

  override forward(x: Tensor): Tensor {
    return x;
  }
}

function cycle(): Node {
  const parent = new Node();
  const child = new Node();
  parent.child = child;
  child.parent = parent;
  return parent;
}

describe("a class of the user's", () => {
  test("has its properties as parameters and children, its own before those of children", () => {
    const module = new Scaled();
    const names = ["scale", "linear.weight", "linear.bias"];
    assert.deepEqual(
      module.namedParameters().map(([name]) => name),
      names,
    );
    assert.deepEqual(Object.keys(module.stateDict()), names);
    assert.deepEqual(module.children(), [module.linear]);
    assert.equal(
      module.toString(),
      "Scaled(\n  (linear): Linear(in_features=2, out_features=2, bias=True)\n)",
    );
  });

  test("learns: gradients reach the very parameters that parameters() gives", () => {
    const module = new Scaled();
    module
      .forward(ones([3, 2]))
      .sum()
      .backward();
    assert.deepEqual(
      module.parameters().map((parameter) => parameter.grad?.shape),
      [[2], [2, 2], [2]],
    );
    module.zeroGrad();
    assert.ok(module.parameters().every((parameter) => parameter.grad === null));
  });

  test("may be circular: everything is visited once and nothing hangs", () => {
    const parent = cycle();
    assert.equal(parent.modules().length, 2);
    assert.deepEqual(
      parent.namedParameters().map(([name]) => name),
      ["weight", "child.weight"],
    );
    assert.deepEqual(Object.keys(parent.stateDict()), ["weight", "child.weight"]);
    assert.equal(parent.toString(), "Node(\n  (child): Node(\n    (parent): Node(...)\n  )\n)");
    assert.equal(parent.eval().child?.training, false);
    const order: nn.Module[] = [];
    parent.apply((module) => order.push(module));
    assert.deepEqual(order, [parent.child, parent]);
  });

  test("of a module of LibTorch's adds its own parameters to that one's", () => {
    class Gated extends nn.Linear {
      gate = new nn.Parameter(zeros([1]));
    }
    assert.deepEqual(Object.keys(new Gated(2, 3).stateDict()), ["weight", "bias", "gate"]);
  });
});

describe("registration", () => {
  test("makes parameters, buffers and children under names found at run time", () => {
    const module = new nn.ModuleDict();
    module.registerParameter("weight", new nn.Parameter(ones([1])));
    module.registerParameter("none", null);
    module.registerBuffer("mean", zeros([2]));
    module.registerBuffer("cache", zeros([3]), { persistent: false });
    module.registerModule("snake_case", new nn.PReLU());
    assert.deepEqual(Object.keys(module.stateDict()), ["weight", "mean", "snake_case.weight"]);
    assert.deepEqual(
      module.namedBuffers().map(([name]) => name),
      ["mean", "cache"],
    );
  });

  test("refuses bad and taken names", () => {
    const module = new Scaled();
    for (const name of ["", "a.b", "forward", "linear", "training"]) {
      assert.throws(
        () => module.registerBuffer(name, zeros([1])),
        /\[Module.registerBuffer\] expected a name/,
      );
    }
    assert.throws(() => module.registerModule("x", {} as nn.Module), /expected a Module for x/);
    assert.throws(
      () => module.registerParameter("x", zeros([1]) as nn.Parameter),
      /expected a Parameter or null for x/,
    );
  });
});

describe("parameters of LibTorch's modules", () => {
  test("are properties that keep their identity", () => {
    const linear = new nn.Linear(2, 3, { bias: false });
    assert.equal(linear.weight, linear.parameters()[0]);
    assert.equal(linear.bias, null);
    assert.ok(linear.weight instanceof nn.Parameter && linear.weight.isLeaf && linear.weight.requiresGrad);
    assert.ok(new nn.BatchNorm1d(2).runningMean);
  });

  test("can be tied: both modules use the very same one", () => {
    const embedding = new nn.Embedding(4, 3);
    const head = new nn.Linear(3, 4, { bias: false });
    head.weight = embedding.weight;
    const model = new nn.Sequential(embedding, head);
    assert.equal(model.parameters().length, 1);
    assert.deepEqual(Object.keys(model.stateDict()), ["0.weight", "1.weight"]);
    const input = randn([2, 3]);
    assert.deepEqual(head.forward(input).tolist(), input.matmul(embedding.weight.t()).tolist());
    assert.throws(() => {
      head.weight = zeros([4, 3]) as nn.Parameter;
    }, /\[Linear\] expected a Parameter or null for weight, got a Tensor/);
  });

  test("outlive the scope in which the module is made, and nothing else does", () => {
    const before = memory().tensors;
    const model = scope(() => new nn.Sequential(new nn.Linear(2, 2), new nn.BatchNorm1d(2)));
    assert.equal(memory().tensors - before, 7);
    assert.deepEqual((model.forward(ones([3, 2])) as Tensor).shape, [3, 2]);
  });

  test("follow changes made in place", () => {
    const linear = new nn.Linear(1, 1);
    noGrad(() => {
      linear.weight.fill_(2);
      linear.bias?.fill_(1);
    });
    assert.deepEqual(linear.forward(tensor([[3]])).tolist(), [[7]]);
  });
});

describe("training and evaluation", () => {
  test("train and eval reach every module, and LibTorch's follow their own property", () => {
    const model = new nn.Sequential(new nn.Dropout(1), new nn.Sequential(new nn.Dropout(1)));
    const input = ones([4]);
    assert.deepEqual(model.forward(input).tolist(), [0, 0, 0, 0]);
    assert.deepEqual(model.eval().forward(input).tolist(), [1, 1, 1, 1]);
    const inner = model.at(0) as nn.Dropout;
    inner.training = true;
    assert.deepEqual(model.forward(input).tolist(), [0, 0, 0, 0]);
  });

  test("in place activations give the object that went in", () => {
    const input = tensor([-1, 1]);
    assert.equal(new nn.ReLU({ inplace: true }).forward(input), input);
    assert.deepEqual(input.tolist(), [0, 1]);
    assert.equal(new nn.Dropout().eval().forward(input), input);
  });
});

describe("to", () => {
  test("converts parameters, their gradients and floating buffers in place", () => {
    const norm = new nn.BatchNorm1d(2);
    norm
      .forward(randn([3, 2]))
      .sum()
      .backward();
    const weight = norm.weight;
    assert.equal(norm.to("float64"), norm);
    assert.equal(norm.weight, weight);
    assert.equal(weight?.dtype, "float64");
    assert.equal(weight?.grad?.dtype, "float64");
    assert.equal(norm.runningMean?.dtype, "float64");
    assert.equal(norm.numBatchesTracked?.dtype, "int64");
    assert.equal(norm.forward(randn([3, 2], { dtype: "float64" })).dtype, "float64");
    assert.equal(norm.to({ device: "cpu", dtype: "float32" }).weight?.dtype, "float32");
  });

  test("refuses what is no place, before anything moved", () => {
    const linear = new nn.Linear(2, 2);
    assert.throws(() => linear.to("int64"), /\[Module.to\] expected a floating dtype/);
    assert.throws(() => linear.to("moon"), /device/);
    assert.throws(() => linear.to({ device: "cpu", color: "red" } as object), /expected option to be one of/);
    assert.equal(linear.weight.dtype, "float32");
  });
});

describe("bad input is one clear error", () => {
  const cases: [string, () => unknown, RegExp][] = [
    [
      "a size of 0",
      () => new nn.Linear(0, 2),
      /\[nn.Linear\] expected an integer at least 1 for inFeatures, got 0/,
    ],
    ["an unknown option", () => new nn.Linear(2, 2, { bais: true } as object), /Did you mean "bias"\?/],
    [
      "a probability above 1",
      () => new nn.Dropout(1.5),
      /\[nn.Dropout\] expected a number at least 0 at most 1 for p/,
    ],
    ["no dimension", () => new nn.Softmax(undefined as never), /\[nn.Softmax\] expected an integer for dim/],
    ["options that are no object", () => new nn.ReLU(true as never), /expected a plain object for options/],
    [
      "a kernel of the wrong rank",
      () => new nn.Conv2d(1, 1, [1, 2, 3]),
      /an array of 2 integers for kernelSize/,
    ],
    [
      "groups that do not divide",
      () => new nn.Conv2d(3, 4, 1, { groups: 2 }),
      /a multiple of groups \(2\) for inChannels/,
    ],
    ["a padding row that is not there", () => new nn.Embedding(3, 2, { paddingIdx: 3 }), /paddingIdx/],
    [
      "an input of the wrong size",
      () => new nn.Linear(2, 2).forward(ones([1, 3])),
      /\[Linear\] mat1 and mat2/,
    ],
    [
      "an input that is no tensor",
      () => new nn.Linear(2, 2).forward([1] as never),
      /\[Linear\] expected a Tensor for inputs\[0\]/,
    ],
    [
      "a missing second input",
      () => new nn.Bilinear(2, 2, 2).forward(ones([1, 2]), undefined as never),
      /inputs\[1\]/,
    ],
    [
      "an index out of range",
      () => new nn.Embedding(3, 2).forward(tensor([3], { dtype: "int64" })),
      RangeError as never,
    ],
    [
      "a bag's index out of range",
      () => new nn.EmbeddingBag(3, 2).forward(tensor([[-1, 3]], { dtype: "int64" })),
      /\[torch.nn.functional.embeddingBag\] Index 0/,
    ],
    [
      "one row in training",
      () => new nn.BatchNorm1d(2).forward(ones([1, 2])),
      /\[BatchNorm1d\] Expected more than 1 value/,
    ],
    [
      "data that is no tensor",
      () => new nn.Parameter([1] as never),
      /\[nn.Parameter\] expected a Tensor for data/,
    ],
    ["integers that should learn", () => new nn.Parameter(tensor([1], { dtype: "int64" })), /floating point/],
  ];
  for (const [name, run, expectedError] of cases)
    test(name, () => assert.throws(() => scope(() => void run()), expectedError));

  test("a disposed input", () => {
    const input = keep(ones([1, 2]));
    input.dispose();
    assert.throws(() => new nn.Linear(2, 2).forward(input), /disposed/);
  });
});
