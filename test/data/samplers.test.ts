import assert from "node:assert/strict";
import { test } from "node:test";
import { compareSamplers } from "../../scripts/parity/torch/samplers.ts";
import golden from "../goldens/samplers.json" with { type: "json" };

for (const { name, difference, bound } of await compareSamplers(golden)) {
  test(`the examples and the draws are PyTorch's: ${name}`, () => assert.ok(difference <= bound));
}
