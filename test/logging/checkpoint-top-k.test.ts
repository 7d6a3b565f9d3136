import assert from "node:assert/strict";
import { mkdtempSync, readdirSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { Checkpointer } from "../../lib/logging/index.ts";

const metric = "a/b/valid/score";
const model = { save: (path: string) => writeFile(path, ""), load: async () => {} };
const folder = () => mkdtempSync(join(tmpdir(), "top-k-"));

/** The checkpoints on disk after each of some, by their iteration. */
async function checkpointsAfter(values: readonly number[], checkpointTopK: number | null, mode = "max") {
  const checkpointDir = folder();
  const options = { checkpointDir, checkpointMetric: `${metric}:${mode}`, checkpointTopK };
  let checkpointer = new Checkpointer({ ...options, counterUnit: "batches" });
  const seen: string[] = [];
  for (const [i, value] of values.entries()) {
    await checkpointer.checkpoint(i, model, { [metric]: value });
    const names = readdirSync(checkpointDir).filter((name) => name.startsWith("checkpoint_"));
    seen.push(names.map((name) => name.replace(/\D/g, "")).join());
    // One that goes on from the state does the same.
    const { best, written, values: known } = checkpointer.state();
    checkpointer = new Checkpointer({ ...options, counterUnit: "batches" });
    checkpointer.restore({ best, written, values: known });
  }
  return seen;
}

test("after each checkpoint the best k by the metric and the newest stay", async () => {
  assert.deepEqual(await checkpointsAfter([3, 5, 4, 1, 6], 2), ["0", "0,1", "1,2", "1,2,3", "1,4"]);
  assert.deepEqual(await checkpointsAfter([3, 5, 4, 1, 6], 1, "min"), ["0", "0,1", "0,2", "3", "3,4"]);
});

test("of equal ones the first stay, and those without a number are the worst", async () => {
  assert.deepEqual(await checkpointsAfter([2, 2, Number.NaN, 1], 1), ["0", "0,1", "0,2", "0,3"]);
  assert.deepEqual(await checkpointsAfter([Number.NaN, 1, 2], 1), ["0", "1", "2"]);
});

test("all stay by default", async () => {
  assert.deepEqual(await checkpointsAfter([3, 5, 4], null), ["0", "0,1", "0,1,2"]);
});

test("a number below 1 is refused, and so is a state that names other files", () => {
  assert.throws(
    () => new Checkpointer({ checkpointDir: folder(), checkpointTopK: 0 }),
    /at least 1 for checkpointTopK/,
  );
  const checkpointer = new Checkpointer({ checkpointDir: folder() });
  const state = { best: {}, written: ["../../precious.safetensors"], values: {} };
  assert.throws(() => checkpointer.restore(state), /names of checkpoints/);
});
