import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { boolean, isPlainObject, mergeOptions, number, oneOf } from "../lib/options.ts";

const defaults = {
  lr: 0.1,
  betas: [0.9, 0.999],
  nested: { gamma: 1, deep: { on: false } },
  name: null as string | null,
};

describe("mergeOptions", () => {
  it("gives the defaults where nothing is given", () => {
    assert.deepEqual(mergeOptions("a", defaults, undefined), defaults);
    assert.deepEqual(mergeOptions("a", defaults, {}), defaults);
    assert.deepEqual(mergeOptions("a", defaults, { lr: undefined }), defaults);
  });

  it("merges nested configurations and replaces everything else", () => {
    const merged = mergeOptions("a", defaults, { betas: [0.5], nested: { deep: { on: true } }, name: "x" });
    assert.deepEqual(merged, { lr: 0.1, betas: [0.5], nested: { gamma: 1, deep: { on: true } }, name: "x" });
  });

  it("shares no nested configuration with the defaults", () => {
    const merged = mergeOptions("a", defaults, {});
    merged.nested.deep.on = true;
    assert.equal(defaults.nested.deep.on, false);
    assert.notEqual(mergeOptions("a", defaults, undefined).nested, defaults.nested);
  });

  it("refuses unknown options, naming the place and the nearest", () => {
    assert.throws(
      () => mergeOptions("Trainer", defaults, { lrr: 1 } as object),
      /\[Trainer\].*"lrr".*mean "lr"/,
    );
    assert.throws(
      () => mergeOptions("Trainer", defaults, { nested: { gama: 1 } } as object),
      /\[Trainer\.nested\].*mean "gamma"/,
    );
    assert.throws(() => mergeOptions("a", defaults, JSON.parse('{"__proto__": 1}')), /"__proto__"/);
    assert.throws(() => mergeOptions("a", defaults, { toString: 1 } as object), /"toString"/);
  });

  it("refuses what is no plain object", () => {
    for (const given of [null, 1, "a", [], new Map(), new Date(0)]) {
      assert.throws(
        () => mergeOptions("a", defaults, given as object),
        /\[a\] expected a plain object for options/,
      );
    }
    assert.throws(
      () => mergeOptions("a", defaults, { nested: 5 } as object),
      /\[a\.nested\] expected a plain object/,
    );
  });
});

describe("isPlainObject", () => {
  it("is true for literals only", () => {
    assert.ok(isPlainObject({}) && isPlainObject(Object.create(null)));
    for (const value of [null, [], new Map(), new (class {})(), () => {}, "a"])
      assert.ok(!isPlainObject(value));
  });
});

describe("oneOf", () => {
  it("gives the value back, or names the nearest", () => {
    assert.equal(oneOf("a", "mode", "max", ["min", "max"]), "max");
    assert.throws(() => oneOf("a", "mode", "mx", ["min", "max"]), /mean "max"/);
    assert.throws(
      () => oneOf("a", "mode", 3, ["min", "max"]),
      /one of "min", "max" for mode, got 3 \(number\)/,
    );
  });
});

describe("number", () => {
  it("checks bounds, finiteness and wholeness", () => {
    assert.equal(number("a", "n", 0, { min: 0 }), 0);
    const bad: [unknown, Parameters<typeof number>[3], RegExp][] = [
      ["1", {}, /a number for n/],
      [Number.NaN, {}, /a number for n, got NaN/],
      [Number.POSITIVE_INFINITY, {}, /got Infinity/],
      [1n, {}, /got 1 \(bigint\)/],
      [1.5, { integer: true }, /an integer for n/],
      [2 ** 53, { integer: true }, /an integer for n/],
      [-1, { min: 0 }, /a number at least 0/],
      [0, { above: 0 }, /a number above 0/],
      [2, { max: 1 }, /a number at most 1/],
    ];
    for (const [value, range, message] of bad) assert.throws(() => number("a", "n", value, range), message);
  });
});

describe("boolean", () => {
  it("takes true and false alone", () => {
    assert.equal(boolean("a", "flag", false), false);
    for (const value of [0, 1, "true", null])
      assert.throws(() => boolean("a", "flag", value), /a boolean for flag/);
  });
});
