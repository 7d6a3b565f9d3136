import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { setNumThreads } from "../../lib/torch/index.ts";
import { everything, trainAlone, trainInTwo } from "./resume-runs.ts";

before(() => setNumThreads(1));

describe("a training that is saved and continued ends to the bit as one that is left alone:", () => {
  for (const [name, count] of [
    ["onEvaluate", 1],
    ["onEvaluate", 4],
    ["onEpochEnd", 2],
  ] as const) {
    test(`saved in the ${count}th ${name}`, async () => {
      assert.deepEqual(await trainInTwo(everything, name, count), await trainAlone(everything));
    });
  }
});
