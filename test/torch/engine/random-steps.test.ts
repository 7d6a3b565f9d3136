import assert from "node:assert/strict";
import { test } from "node:test";
import { manualSeed, setNumThreads } from "../../../lib/torch/index.ts";
import { randomStep } from "./random-steps.ts";
import { differenceOfReplay } from "./replay.ts";

setNumThreads(1);

test("programs of 200 steps drawn from seeds give the bits of the steps", () => {
  for (let seed = 0; seed < 200; seed++) {
    manualSeed(seed);
    const { subject, text } = randomStep(seed);
    assert.equal(differenceOfReplay(subject), "nothing", `seed ${seed}: ${text}`);
  }
});
