import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "../../lib/torch/index.ts";
import { runHostileFiles, subjects } from "./hostile-files.ts";
import { archiveOf, pickle, storage } from "./pt-files.ts";

test("a damaged file is read, or refused by an error that names it, within the memory of the file", (t) => {
  const reports = Object.entries(runHostileFiles(1000, 2));
  assert.equal(reports.length, subjects.length);
  for (const [subject, { loaded, refused, complaints, growth }] of reports) {
    t.diagnostic(`${subject}: ${loaded} read, ${refused} refused, ${Math.round(growth / 2 ** 20)} MB more`);
    assert.deepEqual(complaints, [], subject);
    assert.equal(loaded + refused, 1000);
    assert.ok(refused > 1000 / 5, subject);
    assert.ok(growth < 2 ** 27, subject);
  }
});

test("a pickle that asks for too many values or tensors is refused", async () => {
  const floats = storage("FloatStorage", "0", 1);
  const tensors = `ctorch._utils\n_rebuild_tensor_v2\nq\0(${floats}K\0))\x89}tq\x01(`;
  const cases: [opcodes: string, message: RegExp][] = [
    ["}".repeat(2 ** 23), /at most 8388608 opcodes for byte \d+ of data.pkl/],
    [tensors + "h\0h\x01R".repeat(2 ** 18 + 1), /at most 262144 tensors for byte \d+ of data.pkl/],
  ];
  for (const [opcodes, message] of cases) {
    const path = await archiveOf({ "data.pkl": pickle(opcodes), "data/0": Buffer.alloc(4) });
    await assert.rejects(load(path), message);
  }
});
