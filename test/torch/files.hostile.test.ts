import assert from "node:assert/strict";
import { test } from "node:test";
import { runHostileFiles, subjects } from "./hostile-files.ts";

test("a damaged file is read, or refused by an error that names it, within the memory of the file", (t) => {
  const reports = Object.entries(runHostileFiles(100, 1));
  assert.equal(reports.length, subjects.length);
  for (const [subject, { loaded, refused, complaints, growth }] of reports) {
    t.diagnostic(`${subject}: ${loaded} read, ${refused} refused, ${Math.round(growth / 2 ** 20)} MB more`);
    assert.deepEqual(complaints, [], subject);
    assert.equal(loaded + refused, 100);
    assert.ok(refused > 100 / 5, subject);
    assert.ok(growth < 2 ** 27, subject);
  }
});
