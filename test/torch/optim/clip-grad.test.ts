import "../plain-kernels.ts";
import assert from "node:assert/strict";
import { test } from "node:test";
import { tensor } from "../../../lib/torch/creation.ts";
import { clipGradNorm, clipGradValue } from "../../../lib/torch/optim/index.ts";
import type { Tensor } from "../../../lib/torch/tensor.ts";
import { drawFrom } from "../../draw.ts";

// The numbers are compared with Python's in algorithms.test.ts.

test("clipGradNorm passes over parameters without a gradient, and takes one tensor", () => {
  const [parameter, other] = [tensor([1, 2], { requiresGrad: true }), tensor([3], { requiresGrad: true })];
  assert.equal(clipGradNorm([parameter, other], 1), 0);
  parameter.grad = tensor([3, 4]);
  assert.equal(clipGradNorm([parameter, other], 10), 5);
  assert.deepEqual(parameter.grad?.tolist(), [3, 4]);
  assert.equal(other.grad, null);
  assert.equal(clipGradNorm(parameter, 1, { normType: Number.POSITIVE_INFINITY }), 4);
});

test("a norm that is not finite scales all the same, unless it is to be an error: then nothing changes", () => {
  for (const [value, word] of [
    [Number.POSITIVE_INFINITY, "Infinity"],
    [Number.NaN, "NaN"],
  ] as const) {
    const parameter = tensor([1, 2], { requiresGrad: true });
    parameter.grad = tensor([value, 2]);
    assert.throws(() => clipGradNorm([parameter], 1, { errorIfNonfinite: true }), {
      name: "Error",
      message: `[clipGradNorm] expected gradients of a finite norm, got one of ${word}`,
    });
    assert.deepEqual(parameter.grad?.tolist(), [value, 2]);
    assert.equal(clipGradNorm([parameter], 1), value);
    assert.deepEqual(parameter.grad?.tolist(), [Number.NaN, Number.isNaN(value) ? Number.NaN : 0]);
  }
});

test("clipGradNorm scales by the roundings of PyTorch's operators, to the bit", () => {
  const draw = drawFrom(5);
  for (let i = 0; i < 500; i++) {
    const gradient = tensor([draw() * 10 ** (draw() * 12 - 8), draw()]);
    const maxNorm = draw() * 10 ** (draw() * 4 - 2);
    const parameter = tensor([1, 2], { requiresGrad: true });
    parameter.grad = gradient.clone();
    const norm = tensor(clipGradNorm([parameter], maxNorm));
    const scale = norm.add(1e-6).reciprocal().mul(maxNorm).clamp({ max: 1 });
    assert.deepEqual(parameter.grad?.tolist(), gradient.mul(scale).tolist());
  }
});

test("clipGradValue limits each element, infinite ones too", () => {
  const parameter = tensor([0, 0, 0, 0], { requiresGrad: true });
  parameter.grad = tensor([-3, 0.25, 4, Number.POSITIVE_INFINITY]);
  clipGradValue([parameter], 0.5);
  assert.deepEqual(parameter.grad?.tolist(), [-0.5, 0.25, 0.5, 0.5]);
});

test("clipGradNorm refuses a negative norm, an unknown option and what is no tensor", () => {
  const failing = (parameters: unknown, maxNorm: number, options: object, message: RegExp) =>
    assert.throws(() => clipGradNorm(parameters as Tensor, maxNorm, options), { name: "TypeError", message });
  failing([], -1, {}, /^\[clipGradNorm\] expected a number at least 0 for maxNorm, got -1/);
  failing([], 1, { normType: "2" }, /expected a number at least 0 for normType, got "2"/);
  failing([], 1, { normtype: 2 }, /Did you mean "normType"/);
  failing([], 1, { errorIfNonfinite: 1 }, /expected a boolean for errorIfNonfinite/);
  failing(3, 1, {}, /^\[clipGradNorm\] expected tensors for parameters, got 3/);
  failing([3], 1, {}, /^\[clipGradNorm\] expected a Tensor for parameters\[0\], got 3/);
});
