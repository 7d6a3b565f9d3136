import "./plain-kernels.ts";
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { enableGrad, grad, isGradEnabled, noGrad } from "../../lib/torch/autograd.ts";
import { tensor } from "../../lib/torch/creation.ts";
import type { NestedArray, Tensor } from "../../lib/torch/tensor.ts";
import golden from "../goldens/autograd.json" with { type: "json" };

const makeX = (): Tensor =>
  tensor(
    [
      [0.5, -1, 2],
      [1.5, 0.25, -0.75],
    ],
    { requiresGrad: true },
  );
const makeW = (): Tensor =>
  tensor(
    [
      [1, -2],
      [0.5, 3],
      [-1, 0.75],
    ],
    { requiresGrad: true },
  );

function assertEqual(actual: Tensor | null | undefined, numbers: NestedArray<number>): void {
  assert.deepEqual(actual?.tolist(), numbers);
}

describe("Tensor.backward", () => {
  it("gives Python's gradients to the bit, and adds them up", () => {
    const [x, w] = [makeX(), makeW()];
    const loss = x.matmul(w).tanh().pow(2).mean();
    assert.equal(loss.item(), golden.loss);
    loss.backward({ retainGraph: true });
    assertEqual(x.grad, golden.once[0] as number[][]);
    assertEqual(w.grad, golden.once[1] as number[][]);
    loss.backward();
    assertEqual(x.grad, golden.twice[0] as number[][]);
    assertEqual(w.grad, golden.twice[1] as number[][]);
  });

  it("takes the tensor's own gradient, and the leaves to compute for", () => {
    const [x, w] = [makeX(), makeW()];
    x.matmul(w)
      .tanh()
      .backward({
        gradient: tensor([
          [1, 2],
          [3, 4],
        ]),
        inputs: [w],
      });
    assertEqual(w.grad, golden.weighted);
    assert.equal(x.grad, null);
  });

  it("is an error twice, without a graph, without a gradient, or to nothing", () => {
    const x = makeX();
    const sum = x.sum();
    sum.backward();
    const squares = x.pow(2).sum();
    squares.backward();
    assert.throws(() => squares.backward(), /second time/);
    assert.throws(() => x.mul(2).backward(), /scalar outputs/);
    assert.throws(() => tensor(1).backward(), /does not require grad/);
    assert.throws(() => x.sum().backward({ inputs: [] }), /at least one leaf for inputs/);
    assert.throws(
      () => x.sum().backward({ gradient: tensor([1, 2]) }),
      /expected the shape \[\] for gradients\[0\], got \[2\]/,
    );
    assert.throws(() => x.sum().backward({ retain: true } as object), /mean "retainGraph"/);
    assert.throws(
      () => x.sum().backward({ gradient: 1 as unknown as Tensor }),
      /expected a Tensor for gradients\[0\]/,
    );
  });

  it("retains the gradients of what is no leaf if asked", () => {
    const hidden = makeX().matmul(makeW());
    hidden.retainGrad();
    hidden.relu().sum().backward();
    assertEqual(hidden.grad, golden.retained);
  });
});

describe("autograd.grad", () => {
  it("gives gradients of gradients, and leaves `grad` alone", () => {
    const x = makeX();
    const [first] = grad(x.pow(3).sum(), x, { createGraph: true });
    assertEqual(first, golden.first);
    const [second] = grad((first as Tensor).sum(), [x]);
    assertEqual(second, golden.second);
    assert.equal(x.grad, null);
  });

  it("tells of an unused input by an error, or by null if allowed", () => {
    const [x, w] = [makeX(), makeW()];
    assert.throws(() => grad(x.sum(), [x, w]), /not have been used/);
    assert.equal(grad(x.sum(), [x, w], { allowUnused: true })[1], null);
    assertEqual(grad(x, x, { gradOutputs: [x.detach()] })[0], x.tolist());
  });

  it("checks what it is given", () => {
    const x = makeX();
    assert.throws(() => grad(x.sum(), x, { gradOutputs: [] }), /expected 1 gradients.*got 0/);
    assert.throws(() => grad(x.sum(), x, { create: true } as object), /mean "createGraph"/);
    assert.throws(() => grad(null as unknown as Tensor, x), /expected a Tensor for outputs\[0\], got null/);
    assert.throws(() => grad([], x), Error);
    assert.throws(() => grad(x.sum(), []), Error);
  });
});

describe("noGrad and enableGrad", () => {
  it("switch recording for the time of a call", () => {
    const x = makeX();
    assert.equal(isGradEnabled(), true);
    noGrad(() => {
      assert.equal(isGradEnabled(), false);
      assert.equal(x.add(1).requiresGrad, false);
      assert.equal(
        enableGrad(() => x.add(1).requiresGrad),
        true,
      );
      assert.equal(isGradEnabled(), false);
    });
    assert.equal(x.add(1).requiresGrad, true);
  });

  it("switch back after an error, and refuse async functions", () => {
    assert.throws(() => noGrad(() => assert.fail("inside")), /inside/);
    assert.equal(isGradEnabled(), true);
    assert.throws(() => noGrad(async () => {}), /\[torch\.noGrad\] expected a synchronous function/);
    assert.throws(() => enableGrad(async () => {}), /\[torch\.enableGrad\]/);
    assert.equal(isGradEnabled(), true);
  });
});

describe("Tensor.requiresGrad", () => {
  it("is switched on leaves", () => {
    const made = tensor([1]);
    assert.deepEqual([made.requiresGrad, made.isLeaf], [false, true]);
    assert.equal(made.requiresGrad_(), made);
    assert.equal(made.requiresGrad, true);
    const result = made.add(1);
    assert.deepEqual([result.requiresGrad, result.isLeaf], [true, false]);
    made.requiresGrad = false;
    assert.equal(made.add(1).requiresGrad, false);
    assert.throws(() => result.requiresGrad_(false), /expected a leaf tensor.*Use detach\(\)/);
  });

  it("is for floating dtypes only", () => {
    assert.throws(() => tensor([1n]).requiresGrad_(), /floating point/);
    assert.equal(tensor([1n]).requiresGrad_(false).requiresGrad, false);
    assert.throws(
      () => tensor([1]).requiresGrad_(1 as unknown as boolean),
      /\[Tensor\.requiresGrad\] expected a boolean/,
    );
  });

  it("ends at detach, which shares the memory", () => {
    const x = makeX();
    const detached = x.mul(2).detach();
    assert.deepEqual([detached.requiresGrad, detached.isLeaf], [false, true]);
    x.detach().fill_(7);
    assert.equal(x.index(0, 0).item(), 7);
  });

  it("forbids changing a leaf in place while it is recorded", () => {
    const x = makeX();
    assert.throws(() => x.add_(1), /leaf Variable that requires grad/);
    noGrad(() => x.fill_(1));
    assert.equal(x.index(0, 0).item(), 1);
  });

  it("notices a value that backward needs being overwritten", () => {
    const hidden = makeX().exp();
    const loss = hidden.sum();
    hidden.fill_(0);
    assert.throws(() => loss.backward(), /modified by an inplace operation/);
  });
});

describe("Tensor.grad", () => {
  it("can be set to a tensor of the same kind, or to null", () => {
    const x = makeX();
    assert.equal(x.grad, null);
    x.grad = x.detach().mul(2);
    assertEqual(x.grad, [
      [1, -2, 4],
      [3, 0.5, -1.5],
    ]);
    x.grad = null;
    assert.equal(x.grad, null);
  });

  it("refuses any other", () => {
    const x = makeX();
    const bad: [unknown, RegExp][] = [
      [tensor([1]), /expected a gradient of the tensor's shape/],
      [x.detach().to("float64"), /shape, dtype and device/],
      [x.detach().to("meta"), /shape, dtype and device/],
      [x, /got the tensor itself/],
      [1, /expected a Tensor for gradient, got 1/],
      [undefined, /got undefined/],
    ];
    for (const [value, message] of bad) {
      assert.throws(() => {
        x.grad = value as Tensor;
      }, message);
    }
    assert.equal(x.grad, null);
  });
});
