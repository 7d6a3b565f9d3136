import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { summarize } from "../../bench/statistics.ts";

describe("summarize", () => {
  it("gives the middle and the ends, whatever the order", () => {
    assert.deepEqual(summarize([10, 1, 3]), { median: 3, min: 1, max: 10 });
  });

  it("takes the mean of the two in the middle", () => {
    assert.deepEqual(summarize([4, 1, 2, 10]), { median: 3, min: 1, max: 10 });
  });

  it("refuses to say anything about nothing", () => {
    assert.throws(() => summarize([]), RangeError);
  });
});
