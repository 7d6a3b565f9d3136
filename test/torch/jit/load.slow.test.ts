import assert from "node:assert/strict";
import { test } from "node:test";
import { assertSurvives } from "./run-mutations.ts";

for (const file of ["trunk", "methods", "traced", "frozen"]) {
  test(`no damage of ${file}.pt ends the process`, () => {
    const { loaded, refused } = assertSurvives(file, 1000, 500);
    assert.equal(loaded + refused, 500);
  });
}
