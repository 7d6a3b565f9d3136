import assert from "node:assert/strict";
import { test } from "node:test";
import { compareFields } from "../../scripts/parity/torch/fields.ts";
import golden from "../goldens/fields.json" with { type: "json" };

for (const { name, difference, bound } of compareFields(golden)) {
  test(`equal to PyTorch: ${name.slice(0, 150)}`, () => assert.ok(difference <= bound, name));
}
