import assert from "node:assert/strict";
import { test } from "node:test";
import { arange, nn, zeros } from "../../../../lib/torch/index.ts";

const { parametersToVector, vectorToParameters } = nn.utils;

test("parameters become a vector and come back from it, sharing its memory", () => {
  const linear = new nn.Linear(2, 3);
  const vector = parametersToVector(linear.parameters());
  assert.deepEqual(vector.shape, [9]);
  assert.equal(vector.requiresGrad, true);
  const other = arange(9, { dtype: "float32" });
  vectorToParameters(other, linear.parameters());
  assert.deepEqual(linear.weight.tolist(), [
    [0, 1],
    [2, 3],
    [4, 5],
  ]);
  assert.deepEqual(linear.bias?.tolist(), [6, 7, 8]);
  other.fill_(1);
  assert.deepEqual(linear.bias?.tolist(), [1, 1, 1]);
});

test("a vector of another length is refused before anything changed", () => {
  const linear = new nn.Linear(2, 3);
  const before = linear.weight.tolist();
  for (const vector of [zeros([8]), zeros([10]), zeros([3, 3])])
    assert.throws(
      () => vectorToParameters(vector, linear.parameters()),
      /9 elements in one dimension for vector/,
    );
  assert.throws(() => parametersToVector([1] as never), /expected a Tensor for parameters\[0\]/);
  assert.throws(() => parametersToVector([zeros([1]), zeros([1], { device: "meta" })]), /on one device/);
  assert.deepEqual(linear.weight.tolist(), before);
});
