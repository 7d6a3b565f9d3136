import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type TensorData, tensor } from "../../lib/torch/creation.ts";
import type { Dtype } from "../../lib/torch/dtype.ts";
import { slice, type TensorIndex } from "../../lib/torch/indexing.ts";
import { memory } from "../../lib/torch/memory.ts";
import { scope } from "../../lib/torch/scope.ts";
import type { Tensor } from "../../lib/torch/tensor.ts";
import golden from "../goldens/indexing.json" with { type: "json" };

type SliceOf = { slice: [number | null, number | null, number] };
type TensorOf = { tensor: TensorData; dtype: Dtype };
type Encoded = TensorIndex | SliceOf | TensorOf;

function decode(encoded: Encoded): TensorIndex {
  if (typeof encoded !== "object" || encoded === null || Array.isArray(encoded))
    return encoded as TensorIndex;
  if (Object.hasOwn(encoded, "slice")) return slice(...(encoded as SliceOf).slice);
  const { tensor: data, dtype } = encoded as TensorOf;
  return tensor(data, { dtype });
}

function make(shape: number[]): Tensor {
  const count = shape.reduce((product, size) => product * size, 1);
  return tensor(Float32Array.from({ length: count }, (_, i) => i)).reshape(shape);
}

describe("Tensor.index", () => {
  for (const { shape, index, result, isView } of golden.reads) {
    it(`reads what Python does: [${shape}] at ${JSON.stringify(index)}`, () => {
      const base = make(shape);
      const indices = (index as Encoded[]).map(decode);
      if (result === undefined) return assert.throws(() => base.index(...indices), Error);
      const read = base.index(...indices);
      assert.deepEqual(read.shape, result.shape);
      assert.deepEqual([...read.toTypedArray()], result.values);
      if (result.values.length > 0) assert.equal(sharesMemory(base, read), isView);
    });
  }

  it("gives a new object, also where it picks everything", () => {
    const base = make([3]);
    for (const everything of [base.index(), base.index("..."), base.index(slice())]) {
      everything.dispose();
      assert.equal(base.isDisposed, false);
    }
  });

  it("makes one tensor only", () => {
    const base = make([2, 3, 4]);
    const before = memory().tensors;
    const part = base.index(1, slice(0, 2), null, [0, 3]);
    assert.equal(memory().tensors, before + 1);
    part.dispose();
  });

  it("takes bigints", () => assert.equal(make([3]).index(2n).item(), 2));

  it("is recorded for gradients", () => {
    const base = make([2, 3]).requiresGrad_();
    base.index(1, [0, 0, 2]).sum().backward();
    assert.deepEqual(base.grad?.tolist(), [
      [0, 0, 0],
      [2, 0, 1],
    ]);
  });

  it("names what is no index", () => {
    for (const bad of [
      "all",
      1.5,
      undefined,
      [1.5],
      [true, 1],
      {},
      ["a"],
      2n ** 64n,
      Symbol("i"),
      new Date(0),
    ]) {
      assert.throws(
        () => make([3]).index(bad as TensorIndex),
        /\[Tensor\.index\] expected .* for indices\[0\]/,
      );
    }
    assert.throws(() => make([3]).index(slice("a" as unknown as number)), /expected an integer for start/);
    assert.throws(() => make([3]).index(tensor([0.5])), /long/);
    assert.throws(() => make([3]).index(3), RangeError);
  });
});

describe("Tensor.indexPut_", () => {
  for (const { shape, index, value, result } of golden.writes) {
    it(`writes what Python does: [${shape}] at ${JSON.stringify(index)} = ${JSON.stringify(value)}`, () => {
      const base = make(shape);
      const indices = (index as Encoded[]).map(decode);
      const given = Array.isArray(value) ? tensor(value) : value;
      if (result === undefined) return assert.throws(() => base.indexPut_(indices, given), Error);
      assert.equal(base.indexPut_(indices, given), base);
      assert.deepEqual([...base.toTypedArray()], result);
    });
  }

  it("keeps a bigint's bits, and cuts fractions off for integers as Python does", () => {
    const base = tensor([0n, 0n, 0n]);
    base
      .indexPut_([0], 2n ** 62n + 1n)
      .indexPut_([1], 2.9)
      .indexPut_([[2]], 2n ** 62n + 1n);
    assert.deepEqual(base.toTypedArray(), BigInt64Array.of(2n ** 62n + 1n, 2n, 2n ** 62n + 1n));
  });

  it("leaves no tensor behind", () => {
    const base = make([2, 3]);
    const before = memory().tensors;
    scope(() => base.indexPut_([slice(), [0, 2]], 1));
    base.indexPut_([0, [0, 2]], 1);
    assert.equal(memory().tensors, before);
  });

  it("refuses values of other kinds", () => {
    for (const bad of ["1", null, undefined, [1], {}]) {
      assert.throws(
        () => make([3]).indexPut_([0], bad as number),
        /expected a Tensor, number, bigint or boolean for value/,
      );
    }
  });
});

/** Whether a write to one shows in the other. */
function sharesMemory(base: Tensor, part: Tensor): boolean {
  const before = base.toTypedArray();
  part.fill_(-1);
  const after = base.toTypedArray();
  return before.some((value, i) => value !== after[i]);
}
