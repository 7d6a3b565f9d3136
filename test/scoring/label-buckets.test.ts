import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { getLabelBuckets, getLabelInstances } from "../../lib/scoring/index.ts";

test("parity 63: positions are grouped by their combination of labels", () => {
  const buckets = getLabelBuckets([1, 1, 1, 0], [[1], [1], [-1], [-1]]);
  assert.deepEqual(
    buckets,
    new Map([
      ["1,1", [0, 1]],
      ["1,-1", [2]],
      ["0,-1", [3]],
    ]),
  );
});

test("parity 63: label arrays of different lengths are an error", () => {
  assert.throws(() => getLabelBuckets([1, 0], [1]), /\[getLabelBuckets\] expected 2 elements/);
});

test("parity 63: the instances of a bucket come in their order", () => {
  const texts = ["a string", "a second", "a third"];
  assert.deepEqual(getLabelInstances([1, 0], texts, [1, 1, 1], [1, 0, 0]), ["a second", "a third"]);
});

test("parity 63: a missing bucket warns and gives no instances", async () => {
  const warning = once(process, "warning");
  assert.deepEqual(getLabelInstances([0, 0], ["a"], [1], [1]), []);
  const [{ message }] = await warning;
  assert.match(message, /no data point has the labels \(0, 0\)/);
});

test("parity 63: a bucket or data points of another size than the labels are errors", () => {
  assert.throws(
    () => getLabelInstances([1], ["a"], [1], [1]),
    /expected 2 labels, one per label array, for bucket/,
  );
  assert.throws(
    () => getLabelInstances([1], ["a", "b"], [1]),
    /expected 1 data points, one per label, for instances/,
  );
});
