import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { SFApplier, SlicingFunction, slicingFunction } from "../../lib/slicing/index.ts";

interface Row {
  num: number;
}
const rows = [3, 43, 12, 9, 3].map((num) => ({ num }));
const f = slicingFunction((x: Row) => x.num > 42, { name: "f" });
const g = slicingFunction((x: Row, { db }: { db: number[] }) => db.includes(x.num), {
  name: "g",
  resources: { db: [3, 6, 9] },
});
const fp = slicingFunction((x: { square: number }) => x.square > 42, {
  name: "fp",
  pre: [(x: Row) => ({ ...x, square: x.num ** 2 })],
});
const abstaining = slicingFunction((x: Row) => (x.num > 10 ? 1 : -1), { name: "abstaining" });
const failing = slicingFunction(
  (x: Row) => {
    if (x.num < 10) throw new Error(`${x.num} is too small`);
    return true;
  },
  { name: "failing" },
);

const lists = (S: Record<string, Int8Array>) =>
  Object.fromEntries(Object.entries(S).map(([name, column]) => [name, [...column]]));

describe("SFApplier", () => {
  test("parity 65: gives a column for each function", async () => {
    for (const progressBar of [true, false]) {
      const S = await new SFApplier([f, g]).apply(rows, { progressBar });
      assert.ok(S.f instanceof Int8Array);
      assert.deepEqual(lists(S), { f: [0, 1, 0, 0, 0], g: [1, 0, 0, 1, 1] });
    }
  });

  test("parity 65: runs preprocessors, each for its own function", async () => {
    const S = await new SFApplier<Row>([f, fp]).apply(rows);
    assert.deepEqual(lists(S), { f: [0, 1, 0, 0, 0], fp: [0, 1, 1, 1, 0] });
    assert.deepEqual(rows[0], { num: 3 });
  });

  test("parity 65: an abstain is -1", async () => {
    assert.deepEqual(lists(await new SFApplier([abstaining]).apply(rows)), {
      abstaining: [-1, 1, 1, -1, -1],
    });
  });

  test("parity 65: two functions of one name are refused", () => {
    const again = slicingFunction((x: Row) => x.num > 1, { name: "f" });
    assert.throws(() => new SFApplier([f, again]), /distinct names .*got "f".*Operator names not unique/);
  });

  test("parity 65: a function that fails ends the run, which names it and the data point", async () => {
    const run = new SFApplier([f, failing]).apply([...rows.slice(1), { num: 7 }]);
    await assert.rejects(run, (error: Error) => {
      assert.match(
        error.message,
        /slicing function "failing" failed at data point 2: 9 is too small. With `faultTolerant/,
      );
      assert.equal((error.cause as Error).message, "9 is too small");
      return true;
    });
  });

  test("parity 65: with faultTolerant it abstains where it fails; the faults are counted", async () => {
    const nothing = new SlicingFunction({ name: "nothing", f: (() => {}) as never });
    const applier = new SFApplier<Row>([f, failing, nothing]);
    const [S, meta] = await applier.apply(rows, { faultTolerant: true, returnMeta: true });
    assert.deepEqual(lists(S), {
      f: [0, 1, 0, 0, 0],
      failing: [-1, 1, 1, -1, -1],
      nothing: [-1, -1, -1, -1, -1],
    });
    assert.deepEqual(meta, { faults: { f: 0, failing: 3, nothing: 5 } });
  });

  test("takes anything iterable, rows that come one by one too", async () => {
    const expected = { f: [0, 1, 0, 0, 0] };
    async function* stream() {
      yield* rows;
    }
    const applier = new SFApplier([f]);
    for (const points of [new Set(rows), rows.values(), new Map(rows.entries()).values(), stream()])
      assert.deepEqual(lists(await applier.apply(points)), expected);
    assert.deepEqual(lists(await applier.apply([])), { f: [] });
    for (const points of [5, "rows", null, { num: 1 }])
      await assert.rejects(applier.apply(points as never), /expected an iterable of data points for points/);
  });

  test("closes its source when a function fails", async () => {
    let isClosed = false;
    async function* stream() {
      try {
        yield* rows;
      } finally {
        isClosed = true;
      }
    }
    await assert.rejects(new SFApplier([failing]).apply(stream()));
    assert.equal(isClosed, true);
  });

  test("lets other work of the process run", async () => {
    let turns = 0;
    const timer = setInterval(() => turns++, 1);
    const slow = slicingFunction(
      (_: number) => {
        const end = performance.now() + 2;
        while (performance.now() < end);
        return true;
      },
      { name: "slow" },
    );
    await new SFApplier([slow]).apply(Array.from({ length: 30 }, (_, i) => i));
    clearInterval(timer);
    assert.ok(turns > 1, `${turns}`);
  });

  test("prints the names of its functions", () => {
    assert.equal(String(new SFApplier<Row>([f, g])), "SFApplier, SFs: [f, g]");
  });

  test("checks what it gets", async () => {
    assert.throws(() => new SFApplier(f as never), /expected an array of slicing functions/);
    assert.throws(
      () => new SFApplier([() => true] as never),
      /expected SlicingFunctions .*slicingFunction\(f\)/,
    );
    const apply = (options: object) => new SFApplier([f]).apply(rows, options as never);
    await assert.rejects(apply({ faultTolerant: 1 }), /expected a boolean for faultTolerant, got 1/);
    await assert.rejects(apply({ progress: true }), /"progress". Did you mean "progressBar"/);
  });
});
