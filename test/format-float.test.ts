import assert from "node:assert/strict";
import { it } from "node:test";
import { formatFloat } from "../lib/format-float.ts";
import golden from "./goldens/checkpointer.json" with { type: "json" };

it("formats doubles as Python's str does", () => {
  for (const { value, text } of golden.floats) assert.equal(formatFloat(value), text);
});
