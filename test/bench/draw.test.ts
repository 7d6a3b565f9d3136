import assert from "node:assert/strict";
import { it } from "node:test";
import { drawRatios } from "../../bench/draw.ts";
import { makeResult } from "./results.ts";

it("drawRatios draws a bar for every subject", async () => {
  const results = [makeResult("tiny", "recorded", 50), makeResult("tiny", "floor", 20)];
  const svg = await drawRatios({ results });
  assert.match(svg, /^<svg/);
  for (const text of ["snorkel-torch", "bare kernels", "0.40"]) assert.ok(svg.includes(text), text);
});
