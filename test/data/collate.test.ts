import assert from "node:assert/strict";
import { test } from "node:test";
import { collateDicts, type Example, listToTensor, padBatch, padCollate } from "../../lib/data/index.ts";
import { type Tensor, type TensorData, tensor } from "../../lib/torch/index.ts";
import golden from "../goldens/data.json" with { type: "json" };

const lists = (tensors: readonly Tensor[]) => tensors.map((item) => item.tolist());

test("parity 11: fields merge to a tensor only if their values are tensors, labels always", () => {
  const [x, y] = collateDicts([
    [{ v: tensor([1, 2]), text: "a", ids: [1] }, { task: tensor(0, { dtype: "int64" }) }],
    [{ v: tensor([3]), text: "b", ids: [2, 3] }, { task: tensor(-1, { dtype: "int64" }) }],
  ]);
  assert.deepEqual((x.v as Tensor).tolist(), [
    [1, 2],
    [3, 0],
  ]);
  assert.deepEqual(x.text, ["a", "b"]);
  assert.deepEqual(x.ids, [[1], [2, 3]]);
  assert.deepEqual(y.task?.tolist(), [0, -1]);
  assert.equal(y.task?.dtype, "int64");
  assert.deepEqual(collateDicts([]), [{}, {}]);
});

test("an example that lacks a field, or has one more, is an error", () => {
  assert.throws(
    () =>
      collateDicts([
        [{ a: 1, b: 2 }, {}],
        [{ a: 1 }, {}],
      ]),
    /\[collateDicts\] expected \[a, b\], as the first example has, for the fields of example 1, got an object with keys \["a"\]/,
  );
  assert.throws(
    () =>
      collateDicts([
        [{}, {}],
        [{}, { task: tensor(1) }],
      ]),
    /for the labels of example 1/,
  );
});

test("records and arrays that hold tensors are joined leaf by leaf, others stay a list", () => {
  const example = (field: unknown): Example => [{ field }, {}];
  const join = (...values: unknown[]) => collateDicts(values.map(example))[0].field;
  const joined = join({ a: tensor([1]), b: ["x", tensor(2)] }, { a: tensor([3, 4]), b: ["y", tensor(5)] });
  const { a, b } = joined as { a: Tensor; b: [string[], Tensor] };
  assert.deepEqual(a.tolist(), [
    [1, 0],
    [3, 4],
  ]);
  assert.deepEqual(
    [b[0], b[1].tolist()],
    [
      ["x", "y"],
      [2, 5],
    ],
  );
  const plain = [{ a: 1 }, { b: [2] }];
  assert.deepEqual(join(...plain), plain);
});

test("nested values of different structure are an error", () => {
  const join = (...values: unknown[]) => collateDicts(values.map((field): Example => [{ field }, {}]));
  const t = () => tensor([1]);
  assert.throws(
    () => join({ a: t() }, { b: t() }),
    /expected \[a\], as the first example has, for the record of/,
  );
  assert.throws(() => join({ a: t() }, "text"), /for the record of example 1, got "text"/);
  assert.throws(
    () => join([t()], [t(), t()]),
    /expected an array of 1, as the first is, for example 1, got an array/,
  );
  assert.throws(() => join([], [t()]), /expected an array of 0/);
  assert.throws(
    () => join(null, t()),
    /expected tensors in every example of a field, or in none, .* got null/,
  );
  assert.throws(() => join({ a: t() }, { a: 1 }), /a Tensor for items\[1\], got 1/);
});

test("parity 12: tensors of one shape are stacked, 1-d tensors of different lengths padded with 0", () => {
  for (const { items, joined } of golden.listToTensor) {
    const tensors = (items as TensorData[]).map((item) => tensor(item));
    assert.deepEqual(listToTensor(tensors).tolist(), joined);
  }
});

test("parity 12: tensors of mixed shapes are an error that names the shapes, where Snorkel flattens them", () => {
  const items = [tensor([[1, 2]]), tensor([1, 2, 3])];
  assert.throws(
    () => listToTensor(items),
    /\[listToTensor\] expected tensors of one shape, or 1-d tensors, for items, got shapes \[1, 2\], \[3\]. Pad them/,
  );
  assert.throws(() => listToTensor([tensor([[1, 2]]), tensor([[1]])]), /got shapes \[1, 2\], \[1, 1\]/);
  assert.throws(() => listToTensor([]), /expected at least one tensor for items/);
  assert.throws(
    () => listToTensor([tensor(1), 2 as unknown as Tensor]),
    /expected a Tensor for items\[1\], got 2 \(number\)/,
  );
});

test("parity 13: padBatch cuts and pads at either end as Snorkel does", () => {
  for (const { rows, options, padded, mask } of golden.padBatch) {
    assert.deepEqual(
      lists(
        padBatch(
          rows.map((row) => tensor(row)),
          options,
        ),
      ),
      [padded, mask],
      JSON.stringify(options),
    );
  }
});

test("parity 13: the mask is of positions, so that a value equal to padValue is no padding", () => {
  const batch = [tensor([0, 5], { dtype: "int64" }), tensor([7], { dtype: "int64" })];
  const [padded, mask] = padBatch(batch);
  assert.deepEqual(lists([padded, mask]), [
    [
      [0, 5],
      [7, 0],
    ],
    [
      [0, 0],
      [0, 1],
    ],
  ]);
  assert.deepEqual([padded.dtype, mask.dtype], ["int64", "int64"]);
});

test("parity 13: rows without values are all padding, on the left too", () => {
  const batch = [tensor([]), tensor([1, 2])];
  for (const leftPadded of [false, true]) {
    const [padded, mask] = padBatch(batch, { leftPadded, padValue: 9 });
    assert.deepEqual(lists([padded, mask]), [
      [
        [9, 9],
        [1, 2],
      ],
      [
        [1, 1],
        [0, 0],
      ],
    ]);
  }
  assert.deepEqual(padBatch([tensor([]), tensor([])])[0].shape, [2, 0]);
});

test("padding keeps the gradient", () => {
  const row = tensor([1, 2], { requiresGrad: true });
  padBatch([row, tensor([1, 2, 3])])[0]
    .sum()
    .backward();
  assert.deepEqual(row.grad?.tolist(), [1, 1]);
});

test("padBatch refuses what it cannot pad", () => {
  assert.throws(() => padBatch([]), /\[padBatch\] expected at least one tensor for batch/);
  assert.throws(() => padBatch([tensor([[1]])]), /expected 1-d tensors for batch, got shapes \[1, 1\]/);
  assert.throws(() => padBatch([tensor([1])], { maxLen: -1 }), /at least 0 for maxLen, got -1/);
  assert.throws(() => padBatch([tensor([1])], { maxlen: 1 } as object), /Did you mean "maxLen"\?/);
});

test("a field that is to be padded and is in no example is refused with the nearest", async () => {
  const examples: Example[] = [[{ ids: tensor([1, 2]) }, {}]];
  await assert.rejects(
    async () => padCollate({ idz: {} })(examples),
    /\[padCollate\] expected a field to pad .*got "idz"\. Did you mean "ids"/,
  );
});
