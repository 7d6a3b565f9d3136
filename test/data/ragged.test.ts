import assert from "node:assert/strict";
import { test } from "node:test";
import {
  DictDataLoader,
  DictDataset,
  type Example,
  type PaddingOptions,
  padCollate,
  RaggedField,
  type XDict,
} from "../../lib/data/index.ts";
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

function firstBatch(xDict: Record<string, RaggedField | Tensor>): XDict {
  const dataset = new DictDataset({ name: "d", split: "train", xDict, yDict: {} });
  const [batch] = new DictDataLoader(dataset, { batchSize: 9 });
  assert.ok(batch);
  return batch.xDict;
}

const lists = (xDict: XDict) =>
  Object.entries(xDict).map(([name, value]) => [name, (value as Tensor).dtype, (value as Tensor).tolist()]);

test("a batch has the mask and the lengths that were asked for, beside the padded rows", () => {
  const rows = [[5n, 6n, 7n], [8n], []];
  const padding = { padValue: 9, leftPadded: true, maxLen: 2, mask: true, lengths: true };
  assert.deepEqual(lists(firstBatch({ tokens: RaggedField.from(rows, padding) })), [
    ["tokens", "int64", [[6, 7], [9, 8], [9, 9]]], // biome-ignore format: a table
    ["tokens_mask", "bool", [[false, false], [true, false], [true, true]]], // biome-ignore format: a table
    ["tokens_lengths", "int64", [2, 1, 0]],
  ]);
  assert.deepEqual(Object.keys(firstBatch({ tokens: RaggedField.from(rows, { mask: true }) })), [
    "tokens",
    "tokens_mask",
  ]);
});

test("widths are rounded up, so that few shapes occur", () => {
  const widthOf = (padding: Partial<PaddingOptions>, length = 5) =>
    RaggedField.from([new Float32Array(length)], padding).pad([0]).shape[1];
  assert.equal(widthOf({ padToMultipleOf: 4 }), 8);
  assert.equal(widthOf({ padToMultipleOf: 4 }, 0), 0);
  assert.equal(widthOf({ padToMultipleOf: 4, maxLen: 3 }), 4);
  assert.equal(widthOf({ padTo: [4, 6, 9] }), 6);
  assert.equal(widthOf({ padTo: [4, 6, 9], padToMultipleOf: 4 }), 8);
  assert.equal(widthOf({ padTo: [3] }), 5);
  assert.equal(widthOf({ padTo: [3], maxLen: 2 }), 3);
});

test("a field of the name of a mask is an error, wherever it stands", () => {
  const field = RaggedField.from([[1]], { mask: true });
  const other = tensor([1]);
  for (const xDict of [
    { t: field, t_mask: other },
    { t_mask: other, t: field },
  ]) {
    assert.throws(
      () => firstBatch(xDict),
      /expected no other field "t_mask", which is one's mask or lengths,/,
    );
  }
});

test("the options of a field are checked, and what it pads with fits its dtype", () => {
  const make = (padding: object) => RaggedField.from([[1n]], padding);
  assert.throws(() => make({ maxLen: -1 }), /\[RaggedField\] expected an integer at least 0 for maxLen/);
  assert.throws(() => make({ padToMultipleOf: 0 }), /at least 1 for padToMultipleOf/);
  assert.throws(() => make({ padTo: 8 }), /an array of widths for padTo, got 8/);
  assert.throws(() => make({ padTo: [8, 4] }), /an integer above 8 for padTo\[1\], got 4/);
  assert.throws(() => make({ mask: "m" }), /a boolean for mask/);
  assert.throws(() => make({ padValue: "0" }), /a number for padValue/);
  assert.throws(() => make({ padvalue: 0 }), /Did you mean "padValue"\?/);
  assert.throws(() => make({ padValue: Number.NaN }));
  assert.throws(() => make({ padValue: 2 ** 70 }));
  assert.throws(() => RaggedField.from([new Uint8Array(1)], { padValue: 300 }));
  const spaced = RaggedField.from([[1], []], { padValue: Number.NEGATIVE_INFINITY });
  assert.deepEqual(spaced.pad([0, 1]).tolist(), [[1], [Number.NEGATIVE_INFINITY]]);
});

test("a collate pads examples as a field does, and refuses what is no row", () => {
  const collate = padCollate({ t: { padValue: 7, leftPadded: true, lengths: true } });
  const example = (t: unknown): Example => [{ t, other: "a" }, {}];
  const [xDict] = collate([example(tensor([1, 2])), example(tensor([3]))]) as Example;
  assert.deepEqual((xDict.t as Tensor).tolist(), [
    [1, 2],
    [7, 3],
  ]);
  assert.deepEqual((xDict.t_lengths as Tensor).tolist(), [2, 1]);
  assert.deepEqual(xDict.other, ["a", "a"]);
  assert.throws(
    () => collate([example([1])]),
    /expected a 1-d Tensor for field "t" of example 0, got an array/,
  );
  assert.throws(() => collate([example(tensor([[1]]))]), /got "shape \[1,1\]"/);
  assert.throws(() => padCollate({ t: { pad: 1 } as object }), /\[padCollate, t\] expected option .*"pad/);
});

test("a dataset's own get keeps the padding of its fields", () => {
  class Mine extends DictDataset {
    override get(i: number): Example {
      return super.get(i);
    }
  }
  const tokens = RaggedField.from([[1], [2, 3]], { padValue: -1, leftPadded: true, mask: true });
  const dataset = new Mine({ name: "d", split: "train", xDict: { tokens }, yDict: {} });
  const [batch] = new DictDataLoader(dataset, { batchSize: 2 });
  assert.ok(batch);
  assert.deepEqual((batch.xDict.tokens as Tensor).tolist(), [
    [-1, 1],
    [2, 3],
  ]);
  assert.ok(batch.xDict.tokens_mask);
});
