import "../plain-kernels.ts";
import assert from "node:assert/strict";
import { test } from "node:test";
import { tensor } from "../../../lib/torch/creation.ts";
import { clipGradNorm, clipGradValue } from "../../../lib/torch/optim/index.ts";
import type { Tensor } from "../../../lib/torch/tensor.ts";
import { decode, encode, goldens, initialParameters, otherBits } from "./goldens.ts";

for (const { parameters: places, maxNorm, normType, gradients, norm, clipped } of goldens.clipped) {
  const title = `norm ${normType} of ${places.length} gradients, ${norm}, to ${maxNorm}`;
  test(`clipGradNorm equals PyTorch to the bit: ${title}`, { skip: otherBits }, () => {
    const parameters = initialParameters(places);
    for (const [i, parameter] of parameters.entries())
      parameter.grad = decode(gradients[i] ?? "", places[i] ?? 0);
    assert.equal(clipGradNorm(parameters, maxNorm, { normType: Number(normType) }), norm);
    assert.deepEqual(
      parameters.map((parameter) => encode(parameter.grad)),
      clipped,
    );
  });
}

test("clipGradNorm passes over parameters without a gradient, and takes one tensor", () => {
  const [parameter, other] = [tensor([1, 2], { requiresGrad: true }), tensor([3], { requiresGrad: true })];
  assert.equal(clipGradNorm([parameter, other], 1), 0);
  parameter.grad = tensor([3, 4]);
  assert.equal(clipGradNorm([parameter, other], 10), 5);
  assert.deepEqual(parameter.grad?.tolist(), [3, 4]);
  assert.equal(other.grad, null);
  assert.equal(clipGradNorm(parameter, 1, { normType: Number.POSITIVE_INFINITY }), 4);
});

test("clipGradValue limits each element", () => {
  const parameter = tensor([0, 0, 0], { requiresGrad: true });
  parameter.grad = tensor([-3, 0.25, 4]);
  clipGradValue([parameter], 0.5);
  assert.deepEqual(parameter.grad?.tolist(), [-0.5, 0.25, 0.5]);
});

test("clipGradNorm refuses a negative norm and what is no tensor", () => {
  const failing = (parameters: unknown, maxNorm: number, message: RegExp) =>
    assert.throws(() => clipGradNorm(parameters as Tensor, maxNorm), { name: "TypeError", message });
  failing([], -1, /^\[clipGradNorm\] expected a number at least 0 for maxNorm, got -1/);
  failing(3, 1, /^\[clipGradNorm\] expected tensors for parameters, got 3/);
  failing([3], 1, /^\[clipGradNorm\] expected a Tensor for parameters\[0\], got 3/);
});
