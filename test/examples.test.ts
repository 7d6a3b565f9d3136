import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { promisify } from "node:util";

/** Runs an example with its default seed in a folder of its own, and reads the scores off the last line. */
async function runExample(test: TestContext, name: string) {
  const folder = await mkdtemp(join(tmpdir(), "snorkel-torch-example-"));
  test.after(() => rm(folder, { recursive: true }));
  const script = resolve(import.meta.dirname, "../examples", name);
  const command = ["--import", import.meta.resolve("tsx"), script, "--json"];
  const { stdout } = await promisify(execFile)(process.execPath, command, { cwd: folder });
  const scores: Record<string, number> = JSON.parse(stdout.trimEnd().split("\n").at(-1) ?? "");
  return { folder, stdout, scores };
}

function assertAtLeast(scores: Record<string, number>, name: string, bound: number): void {
  const score = scores[name] ?? Number.NaN;
  assert.ok(score >= bound, `${name} is ${score}, not ${bound} or more`);
}

describe("examples", () => {
  it("penguins.ts tells species and sex, and leaves logs and the best model", async (test) => {
    const { folder, stdout, scores } = await runExample(test, "penguins.ts");
    assert.match(stdout, /shared by 3 tasks/);
    assertAtLeast(scores, "species/penguins/test/accuracy", 0.95);
    assertAtLeast(scores, "sex/penguins/test/accuracy", 0.85);
    assert.deepEqual(await readdir(join(folder, "checkpoints")), [
      "best_model_sex_penguins_valid_accuracy.safetensors",
    ]);
    const logs = await readdir(join(folder, "logs"), { recursive: true });
    assert.ok(logs.some((file) => file.includes("events.out.tfevents")));
  });

  it("tutorial.ts learns both shapes, and the third task beside them", async (test) => {
    const { scores } = await runExample(test, "tutorial.ts");
    for (const shape of ["circle", "square", "inv_circle"]) {
      assertAtLeast(scores, `${shape}_task/${shape}_dataset/valid/accuracy`, 0.9);
    }
  });
});
