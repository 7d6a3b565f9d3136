import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { describe, it } from "node:test";
import { drawnMetrics, type Log } from "../scripts/training-figure.ts";
import { assertAtLeast, runExample } from "./run-example.ts";

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
    const written = logs.find((file) => file.endsWith("log.json")) ?? "";
    await assertDrawn(JSON.parse(await readFile(join(folder, "logs", written), "utf8")));
  });

  it("tutorial.ts learns both shapes, and the third task beside them", async (test) => {
    const { scores } = await runExample(test, "tutorial.ts");
    for (const shape of ["circle", "square", "inv_circle"]) {
      assertAtLeast(scores, `${shape}_task/${shape}_dataset/valid/accuracy`, 0.9);
    }
  });

  it("slices.ts compares models with and without slices, by slice", async (test) => {
    const { stdout, scores } = await runExample(test, "slices.ts", "--seeds", "2");
    assert.match(stdout, /chinstrap: 68\n {2}gentoo: 123\n/);
    for (const model of ["plain", "sliceAware"]) {
      assertAtLeast(scores, `${model}/all`, 0.85);
      assertAtLeast(scores, `${model}/chinstrap`, 0.7);
      assertAtLeast(scores, `${model}/gentoo`, 0.8);
    }
  });
});

/** That the front page shows what the example logs: on another processor the last digits differ, and with them the course. */
async function assertDrawn(log: Log): Promise<void> {
  const drawn: Log = JSON.parse(
    await readFile(resolve(import.meta.dirname, "../docs/penguins.json"), "utf8"),
  );
  const logged = drawnMetrics(log);
  assert.deepEqual(Object.keys(drawn), Object.keys(logged));
  for (const [name, points] of Object.entries(drawn)) {
    const others = logged[name] ?? [];
    assert.deepEqual(
      points.map(([step]) => step),
      others.map(([step]) => step),
    );
    const mean = (values: Log[string]) => values.reduce((sum, [, value]) => sum + value, 0) / values.length;
    assert.ok(Math.abs(mean(points) - mean(others)) < 0.05, `${name} is drawn otherwise than it is logged`);
  }
}
