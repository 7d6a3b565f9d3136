import assert from "node:assert/strict";
import { test } from "node:test";
import { Scorer } from "../../lib/scoring/index.ts";
import { SFApplier, sliceRows, slicingFunction } from "../../lib/slicing/index.ts";

const rows = [5, 10, 19, 22, 25].map((num) => ({ num }));
const small = slicingFunction((x: { num: number }) => x.num < 20, { name: "small" });

test("parity 66: the rows of a slice, in their order", async () => {
  const inside = await sliceRows(rows, small);
  assert.deepEqual(inside, rows.slice(0, 3));
  assert.equal(inside[0], rows[0]);
  assert.deepEqual(await sliceRows(new Set(rows), small), rows.slice(0, 3));
  await assert.rejects(sliceRows(5 as never, small), /\[sliceRows\] expected an iterable/);
});

test("parity 66: an abstain is not inside", async () => {
  const unsure = slicingFunction((x: { num: number }) => (x.num < 20 ? -1 : 1), { name: "unsure" });
  assert.deepEqual(await sliceRows(rows, unsure), rows.slice(3));
});

test("a Scorer scores what it was told to be in a slice", async () => {
  const S = await new SFApplier([small]).apply(rows);
  const scores = new Scorer({ metrics: ["accuracy"] }).scoreSlices(S, [0, 1, 0, 1, 0], [0, 0, 0, 0, 0]);
  assert.deepEqual(scores, { overall: { accuracy: 0.6 }, small: { accuracy: 2 / 3 } });
});
