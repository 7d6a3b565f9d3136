import assert from "node:assert/strict";
import { test } from "node:test";
import { toScoringArray } from "../../lib/scoring/index.ts";

test("flat data of one dimension is itself", () => {
  const data = new Float32Array([1, 2]);
  assert.equal(toScoringArray(data, [2]), data);
});

test("flat data of more dimensions has one row per data point, a view", () => {
  const data = new Float32Array([1, 2, 3, 4]);
  const rows = toScoringArray(data, [2, 2, 1]);
  data[3] = 5;
  assert.deepEqual(rows, [new Float32Array([1, 2]), new Float32Array([3, 5])]);
  assert.deepEqual(toScoringArray([1, 2], [2, 1]), [[1], [2]]);
  assert.deepEqual(toScoringArray([], [0, 3]), []);
});

test("data of another size than its shape is an error", () => {
  assert.throws(
    () => toScoringArray([1, 2, 3], [2, 2]),
    /expected 4 numbers \(shape \[2,2\]\) for data, got 3/,
  );
});

test("64-bit integers become numbers", () => {
  const labels = toScoringArray(new BigInt64Array([-1n, 16_777_217n]), [2]);
  assert.deepEqual(Array.from<unknown>(labels), [-1, 16_777_217]);
});
