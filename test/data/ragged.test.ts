import assert from "node:assert/strict";
import { test } from "node:test";
import { RaggedField } from "../../lib/data/index.ts";
import { scope, type Tensor, tensor } from "../../lib/torch/index.ts";

test("rows are held as values and offsets", () => {
  const field = RaggedField.from([[1, 2], [], [3]]);
  assert.deepEqual(field.values.tolist(), [1, 2, 3]);
  assert.deepEqual([...field.offsets], [0, 2, 2, 3]);
  assert.equal(field.length, 3);
  assert.deepEqual(
    [0, 1, 2].map((i) => field.row(i).tolist()),
    [[1, 2], [], [3]],
  );
  assert.throws(() => field.row(3), /expected an index below 3 for i, got 3/);
});

test("the dtype is that of the rows, or the one that was asked for", () => {
  const dtypeOf = (field: RaggedField) => field.values.dtype;
  assert.equal(dtypeOf(RaggedField.from([[1], []])), "float32");
  assert.equal(dtypeOf(RaggedField.from([[1n], []])), "int64");
  assert.equal(dtypeOf(RaggedField.from([[], [true]])), "bool");
  assert.equal(dtypeOf(RaggedField.from([new Int32Array([1]), new Int32Array()])), "int32");
  assert.equal(dtypeOf(RaggedField.from([tensor([1], { dtype: "float64" })])), "float64");
  assert.equal(dtypeOf(RaggedField.from([[], []])), "float32");
  const exact = RaggedField.from([[2 ** 53 - 1]], { dtype: "int64" });
  assert.deepEqual(exact.values.tolist(), [2 ** 53 - 1]);
});

test("pad gathers rows in any order, padded with 0 to the longest of them", () => {
  const field = RaggedField.from([[1, 2], [], [3], [4, 5, 6]]);
  assert.deepEqual(field.pad([2, 0, 2]).tolist(), [
    [3, 0],
    [1, 2],
    [3, 0],
  ]);
  assert.deepEqual(field.pad([1]).shape, [1, 0]);
  assert.deepEqual(field.pad([]).shape, [0, 0]);
});

test("a field made inside a scope outlives it", () => {
  const { field } = scope(() => ({ field: RaggedField.from([[1, 2], [3]]) }));
  assert.deepEqual(field.pad([0, 1]).tolist(), [
    [1, 2],
    [3, 0],
  ]);
});

test("values and offsets that do not fit are an error", () => {
  const make = (values: Tensor, offsets: number[]) => new RaggedField(values, Int32Array.from(offsets));
  assert.throws(() => make(tensor([[1]]), [0, 1]), /expected a 1-d Tensor for values, got "shape \[1,1\]"/);
  for (const offsets of [[0, 2], [1, 3], [0, 3, 2, 3], []]) {
    assert.throws(
      () => make(tensor([1, 2, 3]), offsets),
      /expected an Int32Array that rises from 0 to 3 for offsets/,
    );
  }
  assert.throws(() => RaggedField.from([[1, "2"] as unknown as number[]]), /expected elements of one kind/);
});
