import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { describe as describeValue, expected, unknownName } from "../lib/errors.ts";

class Account {}

describe("describe", () => {
  const cases: [value: unknown, text: string][] = [
    [undefined, "undefined"],
    [null, "null"],
    ["a", '"a" (string)'],
    [1.5, "1.5 (number)"],
    [-0, "-0 (number)"],
    [Number.NaN, "NaN (number)"],
    [2n ** 70n, "1180591620717411303424 (bigint)"],
    [true, "true (boolean)"],
    [Symbol("s"), "Symbol(s) (symbol)"],
    [[1, 2, 3], "an array of 3"],
    [{ a: 1, b: 2 }, 'an object with keys ["a", "b"]'],
    [Object.create(null), "an object with keys []"],
    [new Account(), "an Account"],
    [new Map(), "a Map"],
    [new Float32Array(2), "a Float32Array"],
    [() => 1, "function (anonymous)"],
    [Math.max, "function max"],
  ];
  for (const [value, text] of cases) {
    it(`says ${text}`, () => assert.equal(describeValue(value), text));
  }

  it("shortens long text", () => {
    assert.ok(describeValue("x".repeat(1e6)).length < 100);
  });

  it("says something of an object that throws when it is looked at", () => {
    const fails = () => {
      throw new Error("looked at");
    };
    assert.equal(describeValue(new Proxy({}, { getPrototypeOf: fails })), "an object");
    assert.equal(
      describeValue(
        Object.create({
          get constructor() {
            return fails();
          },
        }),
      ),
      "an object",
    );
    assert.equal(describeValue(Object.create({ constructor: { name: { not: "text" } } })), "an object");
  });
});

describe("expected", () => {
  it("says where, what, for which name and what came instead", () => {
    const error = expected("Trainer", "a number above 0", "lr", "high");
    assert.ok(error instanceof TypeError);
    assert.equal(error.message, '[Trainer] expected a number above 0 for lr, got "high" (string)');
  });

  it("ends in the remedy", () => {
    assert.match(expected("a", "b", "c", null, "Do this").message, /got null\. Do this$/);
  });
});

describe("unknownName", () => {
  it("names the nearest known name", () => {
    const { message } = unknownName("Trainer", "option", "nEpoch", ["lr", "nEpochs"]);
    assert.equal(
      message,
      '[Trainer] expected option to be one of ["lr", "nEpochs"], got "nEpoch". Did you mean "nEpochs"?',
    );
  });

  it("offers nothing where no name is known, and cuts a long list", () => {
    assert.match(unknownName("a", "b", "c", []).message, /one of \[\], got "c"$/);
    const many = Array.from({ length: 50 }, (_, i) => `name${i}`);
    assert.match(unknownName("a", "b", "c", many).message, /and 20 more\]/);
  });
});
