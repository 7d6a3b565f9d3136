import assert from "node:assert/strict";
import { test } from "node:test";
import { collectFlowOutputsBySuffix } from "../../lib/data/index.ts";

test("parity 15: the outputs whose names end in the suffix, by sorted name", () => {
  const outputs = { b_head: 1, a_head: 2, head_b: 3, B_head: 4, head: 5 };
  assert.deepEqual(collectFlowOutputsBySuffix(outputs, "_head"), [4, 2, 1]);
  assert.deepEqual(collectFlowOutputsBySuffix(outputs, "none"), []);
});
