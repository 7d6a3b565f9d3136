import "../plain-kernels.ts";
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { setNumThreads } from "../../../lib/torch/index.ts";
import { compareAttention } from "../../../scripts/parity/torch/attention.ts";
import type { Goldens } from "../../../scripts/parity/torch/cases.ts";
import { compareFunctional } from "../../../scripts/parity/torch/functional.ts";
import { compareLosses } from "../../../scripts/parity/torch/losses.ts";
import type { Row } from "../../../scripts/parity/torch/row.ts";

setNumThreads(1);

const topics: Record<string, (goldens: Goldens) => Row[]> = {
  attention: compareAttention,
  functional: compareFunctional,
  losses: compareLosses,
};
/** Why the recorded bits cannot be asked for here, or false. */
const otherBits = process.arch !== "x64" && "the recorded bits are those of x86-64";

for (const [topic, compare] of Object.entries(topics)) {
  describe(`${topic}, from a seed, are as near to Python's as they have to be`, { skip: otherBits }, () => {
    const path = new URL(`../../goldens/${topic}.json`, import.meta.url);
    for (const { name, difference, bound } of compare(JSON.parse(readFileSync(path, "utf8")))) {
      test(name, () => assert.ok(difference <= bound, `${difference} is not within ${bound}`));
    }
  });
}
