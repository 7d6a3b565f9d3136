import "../plain-kernels.ts";
import assert from "node:assert/strict";
import { test } from "node:test";
import { cat, linalg, type Tensor, tensor, zeros } from "../../../lib/torch/index.ts";
import { native } from "../../../lib/torch/native.ts";
import { Adagrad, Adam, AdamW, clipGradNorm, SGD } from "../../../lib/torch/optim/index.ts";
import { encode, initialParameters, setGradients } from "./goldens.ts";

const big = 3e38;

function prepare(gradient: number[]) {
  const parameters = [tensor([1], { requiresGrad: true }), tensor([2, 3], { requiresGrad: true })];
  const [first, second] = parameters;
  assert(first !== undefined && second !== undefined);
  second.grad = tensor(gradient);
  return { optimizer: new SGD(parameters, { lr: 0.5, momentum: 0.9 }), first, second };
}

test("one call clips, updates at the given rate, clears the gradients and returns the losses and the norm", () => {
  const { optimizer, first, second } = prepare([3, 4]);
  const result = optimizer.epilogue([tensor(0.25), tensor([0.5])], { rate: 1, gradClip: 2.5 });
  const [left, right] = second.tolist() as number[];
  assert.deepEqual(result.losses, new Float64Array([0.25, 0.5]));
  assert.deepEqual([result.totalNorm, result.badLoss, result.badGradient], [5, null, null]);
  assert(Math.abs((left ?? 0) - 0.5) < 1e-6 && Math.abs((right ?? 0) - 1) < 1e-6);
  assert.deepEqual([first.tolist(), first.grad, second.grad], [[1], null, null]);
});

test("it equals clipping and stepping by hand, to the bit", () => {
  const [parameters, others] = [initialParameters(), initialParameters()];
  const options = { lr: 0.1, implementation: "foreach" } as const;
  const [optimizer, other] = [new Adam(parameters, options), new Adam(others, options)];
  for (let step = 0; step < 10; step++) {
    setGradients(parameters, step);
    setGradients(others, step);
    const { totalNorm } = optimizer.epilogue([], { gradClip: 1 });
    assert.equal(totalNorm, clipGradNorm(others, 1));
    other.step();
  }
  assert.deepEqual(parameters.map(encode), others.map(encode));
});

for (const [name, make] of Object.entries({
  Adam: (parameters: Tensor[]) => new Adam(parameters, { lr: 0.1, weightDecay: 0.1 }),
  AdamW: (parameters: Tensor[]) => new AdamW(parameters, { lr: 0.1 }),
  SGD: (parameters: Tensor[]) => new SGD(parameters, { lr: 0.1 }),
  "SGD with momentum": (parameters: Tensor[]) => new SGD(parameters, { lr: 0.1, momentum: 0.9 }),
  Adagrad: (parameters: Tensor[]) => new Adagrad(parameters, { lr: 0.1 }),
})) {
  test(`fused ${name} divides the gradients by the clipping on its way, and leaves small ones as they are`, () => {
    const [parameters, others] = [initialParameters(), initialParameters()];
    const [optimizer, other] = [make(parameters), make(others)];
    for (let step = 0; step < 10; step++) {
      setGradients(parameters, step);
      setGradients(others, step);
      const gradClip = step % 3 === 2 ? 1e6 : 0.05 * (step + 1);
      optimizer.epilogue([], { gradClip });
      clipGradNorm(others, gradClip);
      other.step();
    }
    for (const [i, parameter] of parameters.entries()) {
      const difference = parameter
        .sub(others[i] as Tensor)
        .abs()
        .max()
        .item() as number;
      assert(difference < 1e-6, `parameters[${i}] differs by ${difference}`);
    }
  });
}

test("a fused optimizer takes the norm of all gradients in one row, each at a multiple of 64 bytes", () => {
  const dtype = "float32";
  const sizes = [3, 16, 1, 40, 17];
  const parameters = sizes.map((size) => zeros([size], { dtype, requiresGrad: true }));
  const optimizer = new SGD(parameters);
  optimizer.setGradientOrder(parameters.toReversed());
  for (let step = 1; step < 50; step++) {
    for (const parameter of parameters) {
      parameter.grad = tensor(Array.from({ length: parameter.size(0) }, (_, i) => Math.sin(i + step)));
    }
    const row = parameters.toReversed().flatMap(({ grad, shape: [size = 0] }) => {
      assert(grad !== null);
      return [grad, zeros([(16 - (size % 16)) % 16])];
    });
    const norm = linalg.vectorNorm(cat(row)).item();
    assert.equal(optimizer.epilogue([], { gradClip: 1 }).totalNorm, norm);
  }
});

test("gradients of several dtypes have a norm of norms", () => {
  const parameters = (["float32", "float64", "float32"] as const).map((dtype) =>
    tensor([1, 2, 3], { dtype, requiresGrad: true }),
  );
  for (const parameter of parameters) parameter.grad = tensor([0.1, 0.2, 0.3], { dtype: parameter.dtype });
  const expected = clipGradNorm(parameters, 1e9);
  assert.equal(new Adam(parameters).epilogue([], { gradClip: 1e9 }).totalNorm, expected);
});

test("gradients that lie otherwise than their parameters are updated all the same", () => {
  const [first, second] = [zeros([2, 3], { requiresGrad: true }), zeros([2, 3], { requiresGrad: true })];
  first.grad = tensor([
    [1, 2],
    [3, 4],
    [5, 6],
  ]).t();
  second.grad = tensor([1, 2, 3]).expand([2, 3]);
  new SGD([first, second], { lr: 1 }).epilogue([], { gradClip: 1e9 });
  assert.deepEqual(first.tolist(), [
    [-1, -3, -5],
    [-2, -4, -6],
  ]);
  assert.deepEqual(second.tolist(), [
    [-1, -2, -3],
    [-1, -2, -3],
  ]);
});

const bad: { title: string; losses: number[]; gradient: number[]; places: [number | null, number | null] }[] =
  [
    { title: "a NaN loss", losses: [1, Number.NaN], gradient: [1, 1], places: [1, null] },
    { title: "an infinite loss", losses: [Number.POSITIVE_INFINITY], gradient: [1, 1], places: [0, null] },
    { title: "a NaN gradient", losses: [1], gradient: [1, Number.NaN], places: [null, 1] },
    {
      title: "an infinite gradient",
      losses: [1],
      gradient: [Number.NEGATIVE_INFINITY, 1],
      places: [null, 1],
    },
  ];
for (const { title, losses, gradient, places } of bad) {
  for (const gradClip of [0, 1]) {
    test(`${title} is named by its place and nothing is changed, ${gradClip ? "" : "not "}clipping`, () => {
      const { optimizer, first, second } = prepare(gradient);
      const { badLoss, badGradient } = optimizer.epilogue(
        losses.map((loss) => tensor(loss)),
        { gradClip },
      );
      assert.deepEqual([badLoss, badGradient], places);
      assert.deepEqual([first.tolist(), second.tolist(), second.grad?.tolist()], [[1], [2, 3], gradient]);
      assert.deepEqual(optimizer.stateDict().state, {});
    });
  }
}

test("gradients whose norm overflows are finite: clipping scales them to zero, as PyTorch does", () => {
  const { optimizer, second } = prepare([big, big]);
  const { totalNorm, badGradient } = optimizer.epilogue([], { gradClip: 1 });
  assert.deepEqual([totalNorm, badGradient], [Number.POSITIVE_INFINITY, null]);
  assert.deepEqual(second.tolist(), [2, 3]);
});

test("what is not checked is carried out, and no norm is computed for nothing", () => {
  const { optimizer, second } = prepare([Number.NaN, 1]);
  const { totalNorm, losses } = optimizer.epilogue([tensor(Number.NaN)], { checkFinite: false });
  assert.deepEqual([totalNorm, losses], [null, new Float64Array([Number.NaN])]);
  assert.deepEqual(second.tolist(), [Number.NaN, 2.5]);
});

test("a loss that is no scalar, or a gradient that does not fit, changes nothing", () => {
  const { optimizer, first, second } = prepare([1, 1]);
  assert.throws(() => optimizer.epilogue([tensor([1, 2])]), /^Error: \[Optimizer\.epilogue\] /);
  first.grad = tensor([5]);
  native.tensorSetData(first, tensor([5, 6]));
  assert.throws(() => optimizer.epilogue([]), /expected gradient of parameters\[0\] to be like it/);
  assert.deepEqual(second.tolist(), [2, 3]);
  assert.deepEqual(second.grad?.tolist(), [1, 1]);
});
