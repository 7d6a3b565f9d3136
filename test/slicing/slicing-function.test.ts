import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { SlicingFunction, slicingFunction } from "../../lib/slicing/index.ts";

interface Row {
  num: number;
}

describe("a slicing function", () => {
  test("parity 64: says 1, 0 or -1 of a data point", async () => {
    const answers = new Map<number, boolean | number>([
      [1, true],
      [2, false],
      [3, 1],
      [4, 0],
      [5, -1],
    ]);
    const sf = new SlicingFunction({ name: "some", f: (x: Row) => answers.get(x.num) as number });
    const votes = [...answers.keys()].map((num) => sf.apply({ num }));
    assert.deepEqual(await Promise.all(votes), [1, 0, 1, 0, -1]);
    assert.equal(sf.name, "some");
  });

  test("parity 64: made of a function it has its name, unless it gets another", async () => {
    const named = slicingFunction(function big(x: Row) {
      return x.num > 42;
    });
    const renamed = slicingFunction((x: Row) => x.num > 42, { name: "large" });
    assert.ok(named instanceof SlicingFunction);
    assert.equal(String(named), "SlicingFunction big, Preprocessors: []");
    assert.equal(String(renamed), "SlicingFunction large, Preprocessors: []");
    assert.deepEqual([await named.apply({ num: 43 }), await renamed.apply({ num: 42 })], [1, 0]);
    assert.throws(
      () => slicingFunction((x: Row) => x.num > 42),
      /\[SlicingFunction\] expected a name for name, got "" .*without a name of its own needs one/,
    );
  });

  test("parity 64: resources are the second argument, an empty object without any", async () => {
    const listed = slicingFunction((x: Row, { db }: { db: number[] }) => db.includes(x.num), {
      name: "listed",
      resources: { db: [3, 6, 9] },
    });
    assert.deepEqual([await listed.apply({ num: 6 }), await listed.apply({ num: 7 })], [1, 0]);
    const without = slicingFunction((_: Row, given: object) => Object.keys(given).length === 0, {
      name: "w",
    });
    assert.equal(await without.apply({ num: 1 }), 1);
  });

  test("parity 64: preprocessors run first, one after the other; the data point stays as it is", async () => {
    const squared = <T extends Row>(x: T) => ({ ...x, square: x.num ** 2 });
    const halved = async (x: Row & { square: number }) => ({ ...x, half: x.square / 2 });
    const sf = slicingFunction((x: { half: number }) => x.half === 18, {
      name: "halves",
      pre: [(x: Row) => squared(x), halved],
    });
    const row = { num: 6 };
    assert.equal(await sf.apply(row), 1);
    assert.deepEqual(row, { num: 6 });
    assert.match(
      String(slicingFunction((x: Row) => x.num > 1, { name: "s", pre: [squared] })),
      /\[squared\]$/,
    );
  });

  test("parity 64: a preprocessor that returns nothing is an error", async () => {
    for (const nothing of [undefined, null]) {
      const sf = slicingFunction((x: Row) => x.num > 1, { name: "s", pre: [() => nothing] });
      await assert.rejects(
        sf.apply({ num: 1 }),
        /\[SlicingFunction s\] expected a data point for what a prep/,
      );
    }
  });

  test("parity 64: errors inside of it propagate", async () => {
    const error = new RangeError("no such thing");
    const sf = new SlicingFunction({
      name: "failing",
      f: () => {
        throw error;
      },
    });
    await assert.rejects(sf.apply({}), (thrown) => thrown === error);
  });

  test("may be asynchronous", async () => {
    const sf = slicingFunction(async (x: Row) => x.num > 42, { name: "later" });
    assert.deepEqual([await sf.apply({ num: 43 }), await sf.apply({ num: 3 })], [1, 0]);
  });

  test("what says nothing is refused", async () => {
    for (const answer of [undefined, null, 2, Number.NaN, "yes", 1n, []]) {
      const sf = new SlicingFunction({ name: "odd", f: () => answer as never });
      await assert.rejects(
        sf.apply({}),
        /\[SlicingFunction odd\] expected true or 1 .* for what f returns, got/,
      );
    }
  });

  test("what it is made of is checked", () => {
    const f = () => true;
    const make = (options: object) => () => new SlicingFunction(options as never);
    assert.throws(make({ name: 5, f }), /expected a name for name, got 5/);
    assert.throws(make({ name: "a" }), /\[SlicingFunction a\] expected a function for f, got undefined/);
    assert.throws(make({ name: "a", f, resources: 5 }), /expected a plain object for resources/);
    assert.throws(make({ name: "a", f, pre: f }), /expected an array of functions for pre/);
    assert.throws(make({ name: "a", f, pre: [5] }), /expected an array of functions for pre/);
    assert.throws(make({ name: "a", f, prep: [] }), /"prep". Did you mean "pre"/);
    assert.throws(() => slicingFunction("name" as never), /\[slicingFunction\] expected a function for f/);
  });
});
