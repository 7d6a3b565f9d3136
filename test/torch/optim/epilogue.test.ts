import "../plain-kernels.ts";
import assert from "node:assert/strict";
import { test } from "node:test";
import { tensor } from "../../../lib/torch/creation.ts";
import { native } from "../../../lib/torch/native.ts";
import { Adam, clipGradNorm, SGD } from "../../../lib/torch/optim/index.ts";
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
  const [optimizer, other] = [new Adam(parameters, { lr: 0.1 }), new Adam(others, { lr: 0.1 })];
  for (let step = 0; step < 10; step++) {
    setGradients(parameters, step);
    setGradients(others, step);
    const { totalNorm } = optimizer.epilogue([], { gradClip: 1 });
    assert.equal(totalNorm, clipGradNorm(others, 1));
    other.step();
  }
  assert.deepEqual(parameters.map(encode), others.map(encode));
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
