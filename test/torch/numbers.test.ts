import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as torch from "../../lib/torch/index.ts";

type Call = (...args: unknown[]) => unknown;

const floats = () => torch.tensor([1.5, -2, 3]);
const integers = () => torch.tensor([1, -2, 3], { dtype: "int64" });

function numbersOf(tensor: torch.Tensor): number[] {
  return Array.from(tensor.toTypedArray() as ArrayLike<number | bigint>, Number);
}

describe("a number where a Scalar is asked for", () => {
  test("is an integer if it is whole and meets an integer tensor", () => {
    assert.equal(integers().add(2).dtype, "int64");
    assert.equal(integers().add(-0).dtype, "int64");
    assert.deepEqual(numbersOf(integers().mul(-0)), [0, 0, 0]);
    assert.equal(torch.tensor([true]).add(1).dtype, "int64");
  });

  test("is a float if it has a fraction, is not finite, or is past 2^53", () => {
    assert.equal(integers().add(2.5).dtype, "float32");
    assert.equal(integers().add(Number.NaN).dtype, "float32");
    assert.equal(integers().add(2 ** 53).dtype, "float32");
  });

  test("is a float if it meets a float tensor, or none", () => {
    assert.equal(floats().add(2).dtype, "float32");
    assert.ok(Object.is(numbersOf(torch.full([1], -0))[0], -0));
    assert.equal(torch.full([1], 2).dtype, "float32");
  });

  test("follows an explicit dtype", () => {
    assert.equal(torch.full([1], 2, { dtype: "int32" }).dtype, "int32");
    assert.equal(torch.arange(3, { dtype: "int64" }).dtype, "int64");
  });

  test("is what it says for a boolean and a bigint", () => {
    assert.equal(torch.full([1], true).dtype, "bool");
    assert.equal(torch.full([1], 2n).dtype, "int64");
    const large = 2n ** 62n + 1n;
    assert.deepEqual(torch.full([1], large).toTypedArray(), BigInt64Array.of(large));
  });

  test("is refused past 64 bits", () => {
    assert.throws(
      () => integers().add(2n ** 63n),
      /\[torch\.Tensor\.add\] expected an integer of 64 bits for other/,
    );
  });
});

describe("an integer argument", () => {
  test("takes a whole number or a bigint", () => {
    assert.deepEqual(floats().narrow(0, 1, 2).shape, [2]);
    assert.deepEqual(floats().narrow(0n, 1n, 2n).shape, [2]);
    assert.deepEqual(floats().narrow(-0, 0, 1).shape, [1]);
  });

  test("is of 64 bits only where it bounds random integers", () => {
    assert.throws(() => floats().narrow(0, 2n ** 53n, 1), /expected an integer below 2\^53 for start/);
    assert.equal(typeof torch.randint(2n ** 62n, 2n ** 62n + 1n, [1], { dtype: "int64" }).item(), "bigint");
  });

  for (const value of [0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53, "0", true, null]) {
    test(`refuses ${value}`, () => {
      const cumsum = torch.cumsum as unknown as Call;
      assert.throws(() => cumsum(floats(), value), {
        name: "TypeError",
        code: "ERR_INVALID_ARG_TYPE",
        message: /^\[torch\.cumsum\] expected integer for dim, got /,
      });
    });
  }
});

describe("a float argument", () => {
  test("takes any number", () => {
    assert.deepEqual(numbersOf(torch.nanToNum(torch.tensor([Number.NaN]), { nan: -1 })), [-1]);
    assert.deepEqual(numbersOf(torch.nanToNum(torch.tensor([Number.NaN]), Number.POSITIVE_INFINITY)), [
      Infinity,
    ]);
  });

  test("refuses a bigint", () => {
    const nanToNum = torch.nanToNum as unknown as Call;
    assert.throws(() => nanToNum(floats(), 1n), /expected number or null for nan, got 1 \(bigint\)/);
  });
});
