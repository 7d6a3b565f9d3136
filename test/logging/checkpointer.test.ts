import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it, mock } from "node:test";
import { type Checkpointable, Checkpointer, checkpointerDefaults } from "../../lib/logging/checkpointer.ts";
import type { CounterUnit } from "../../lib/logging/log-manager.ts";
import golden from "../goldens/checkpointer.json" with { type: "json" };

const loss = "model/all/train/loss";
const root = mkdtempSync(join(tmpdir(), "checkpoints-"));
after(() => rmSync(root, { recursive: true }));
let folders = 0;

function newFolder(): string {
  folders += 1;
  return join(root, String(folders));
}

/** A model whose whole state is one number. */
class Model implements Checkpointable {
  value: number;

  constructor(value: number) {
    this.value = value;
  }

  async save(path: string): Promise<void> {
    writeFileSync(path, String(this.value));
  }

  async load(path: string): Promise<void> {
    this.value = Number(readFileSync(path, "utf8"));
  }
}

function filesIn(folder: string): Record<string, number> {
  return Object.fromEntries(
    readdirSync(folder).map((name) => [name, Number(readFileSync(join(folder, name), "utf8"))]),
  );
}

/** Runs `action` and returns what it warned of. */
async function warningsOf(action: () => Promise<unknown>): Promise<string[]> {
  const warn = mock.method(process, "emitWarning", () => {});
  try {
    await action();
    return warn.mock.calls.map((call) => String(call.arguments[0]));
  } finally {
    warn.mock.restore();
  }
}

describe("Checkpointer", () => {
  it("parity 49: has Snorkel's defaults", () => {
    const { checkpointTopK, checkpointState, ...snorkels } = checkpointerDefaults;
    assert.deepEqual([checkpointTopK, checkpointState], [null, true]);
    assert.deepEqual(snorkels, {
      checkpointDir: "checkpoints",
      checkpointFactor: 1,
      checkpointMetric: "model/all/train/loss:min",
      checkpointTaskMetrics: null,
      checkpointRunway: 0,
      checkpointClear: true,
    });
  });

  it("parity 50: a metric is task/dataset/split/metric:mode, mode min or max", () => {
    const bad = [
      "loss:min",
      "a/b/c:min",
      "a/b/c/d/e:min",
      "a/b/c/d",
      "a/b/c/d:lowest",
      "a/b/c/d:",
      "a//c/d:min",
      "",
    ];
    for (const checkpointMetric of bad) {
      assert.throws(() => new Checkpointer({ checkpointDir: newFolder(), checkpointMetric }), {
        name: "TypeError",
        message:
          /\[Checkpointer\] expected "task\/dataset\/split\/metric:mode" .* for checkpointMetric, got "/,
      });
    }
  });

  it("parity 51: a negative runway and a factor below 1 are errors", () => {
    const checkpointDir = newFolder();
    assert.throws(
      () => new Checkpointer({ checkpointDir, checkpointRunway: -1 }),
      /at least 0 for checkpointRunway/,
    );
    assert.throws(
      () => new Checkpointer({ checkpointDir, checkpointFactor: 0 }),
      /at least 1 for checkpointFactor/,
    );
  });

  for (const [index, run] of golden.runs.entries()) {
    const play = async () => {
      const checkpointDir = newFolder();
      const counterUnit = run.counterUnit as CounterUnit;
      const checkpointer = new Checkpointer({ counterUnit, checkpointDir, ...run.config });
      return { checkpointer, checkpointDir };
    };

    it(`parity 52: saves checkpoints and best models as Snorkel does, run ${index}`, async () => {
      const { checkpointer, checkpointDir } = await play();
      await warningsOf(async () => {
        for (const [step, { iteration, metrics }] of run.steps.entries()) {
          await checkpointer.checkpoint(iteration, new Model(iteration), metrics as Record<string, number>);
          assert.deepEqual(filesIn(checkpointDir), run.after[step]);
        }
      });
      assert.deepEqual(checkpointer.bestMetrics, run.best);
    });

    it(`parity 53: clears and loads the best as Snorkel does, also resumed at every step, run ${index}`, async () => {
      let { checkpointer, checkpointDir } = await play();
      await warningsOf(async () => {
        for (const { iteration, metrics } of run.steps) {
          const state = JSON.parse(JSON.stringify(checkpointer.state()));
          const counterUnit = run.counterUnit as CounterUnit;
          checkpointer = new Checkpointer({ counterUnit, checkpointDir, ...run.config });
          checkpointer.restore(state);
          await checkpointer.checkpoint(iteration, new Model(iteration), metrics as Record<string, number>);
        }
      });
      await checkpointer.clear();
      assert.deepEqual(filesIn(checkpointDir), run.cleared);
      const model = new Model(-1);
      assert.equal(await checkpointer.loadBestModel(model), true);
      assert.equal(model.value, run.loaded);
    });
  }

  it("parity 53: keeps the current model when there is no best one", async () => {
    const checkpointer = new Checkpointer({ checkpointDir: newFolder() });
    const model = new Model(7);
    assert.equal(await checkpointer.loadBestModel(model), false);
    assert.equal(model.value, 7);
  });

  it("L1: the metrics of slice tasks, whose names hold colons, can be tracked", async () => {
    const checkpointDir = newFolder();
    const name = "task_slice:short_pred/data/valid/f1";
    const checkpointer = new Checkpointer({ checkpointDir, checkpointMetric: `${name}:max` });
    await checkpointer.checkpoint(1, new Model(1), { [name]: 0.5 });
    await checkpointer.clear();
    assert.deepEqual(filesIn(checkpointDir), {
      "best_model_task_slice:short_pred_data_valid_f1.safetensors": 1,
    });
  });

  it("L2: a metric that never appears leaves the newest checkpoint, and the known metrics are named", async () => {
    const checkpointDir = newFolder();
    const checkpointer = new Checkpointer({ checkpointDir, checkpointMetric: "task/data/valid/accurcy:max" });
    const metrics = { [loss]: 1, "task/data/valid/accuracy": 0.5 };
    const warnings = await warningsOf(async () => {
      await checkpointer.checkpoint(1, new Model(1), metrics);
      await checkpointer.checkpoint(2, new Model(2), metrics);
      await checkpointer.clear();
    });
    assert.deepEqual(filesIn(checkpointDir), { "checkpoint_2.0.safetensors": 2 });
    assert.equal(warnings.length, 2);
    assert.match(
      warnings[0] ?? "",
      /one of \["model\/all\/train\/loss", "task\/data\/valid\/accuracy"\], got/,
    );
    assert.match(warnings[0] ?? "", /Did you mean "task\/data\/valid\/accuracy"\?/);
    assert.match(warnings[1] ?? "", /the newest checkpoint is kept at ".*checkpoint_2\.0\.safetensors"/);
  });

  it("L3: NaN is never the best, neither first nor later", async () => {
    const checkpointDir = newFolder();
    const checkpointer = new Checkpointer({ checkpointDir });
    const values = [Number.NaN, Number.POSITIVE_INFINITY, 2, Number.NaN, 3];
    for (const [step, value] of values.entries()) {
      await checkpointer.checkpoint(step, new Model(step), { [loss]: value });
    }
    await checkpointer.clear();
    assert.deepEqual(checkpointer.bestMetrics, { [loss]: 2 });
    assert.deepEqual(filesIn(checkpointDir), { "best_model_model_all_train_loss.safetensors": 2 });
  });

  it("L3: when the metric was always NaN the newest checkpoint stays", async () => {
    const checkpointDir = newFolder();
    const checkpointer = new Checkpointer({ checkpointDir });
    await checkpointer.checkpoint(1, new Model(1), { [loss]: Number.NaN });
    const warnings = await warningsOf(() => checkpointer.clear());
    assert.match(
      warnings.join(),
      /expected a number for "model\/all\/train\/loss", got none in the whole run/,
    );
    assert.deepEqual(filesIn(checkpointDir), { "checkpoint_1.0.safetensors": 1 });
  });

  it("knows the newest checkpoint also when an iteration is saved again", async () => {
    const checkpointer = new Checkpointer({ checkpointDir: newFolder(), counterUnit: "batches" });
    await warningsOf(async () => {
      for (const iteration of [1, 2, 1]) await checkpointer.checkpoint(iteration, new Model(iteration), {});
    });
    assert.deepEqual(checkpointer.state().written, ["checkpoint_2.safetensors", "checkpoint_1.safetensors"]);
  });

  it("L4: every task metric is checked as well", () => {
    for (const metric of ["accuracy:max", "a/b/c/d:best"]) {
      const options = { checkpointDir: newFolder(), checkpointTaskMetrics: ["a/b/c/d:max", metric] };
      assert.throws(() => new Checkpointer(options), /for checkpointTaskMetrics, got "/);
    }
    const one = "a/b/c/d:max" as unknown as string[];
    assert.throws(() => new Checkpointer({ checkpointTaskMetrics: one }), /an array of metrics or null/);
  });

  it("refuses two metrics whose best models would share a file; a repetition is fine", () => {
    const checkpointDir = newFolder();
    const checkpointMetric = "a_b/c/d/e:max";
    for (const other of ["a/b_c/d/e:max", "a_b/c/d/e:min"]) {
      const options = { checkpointDir, checkpointMetric, checkpointTaskMetrics: [other] };
      assert.throws(() => new Checkpointer(options), /does not share "best_model_a_b_c_d_e\.safetensors"/);
    }
    new Checkpointer({ checkpointDir, checkpointMetric, checkpointTaskMetrics: [checkpointMetric] });
  });

  it("L5: a null folder is the folder of the logs; without one it is an error", () => {
    const logDir = newFolder();
    assert.equal(new Checkpointer({ checkpointDir: null, logDir }).checkpointDir, logDir);
    assert.throws(() => new Checkpointer({ checkpointDir: null }), {
      message:
        "[Checkpointer] expected a path for checkpointDir, got null. Name a folder, or switch logging on",
    });
  });

  it("L6: clear removes only what this run wrote", async () => {
    const checkpointDir = newFolder();
    const [other, mine] = [new Checkpointer({ checkpointDir }), new Checkpointer({ checkpointDir })];
    await other.checkpoint(1, new Model(1), { [loss]: 1 });
    await mine.checkpoint(2, new Model(2), { [loss]: 1 });
    await mine.clear();
    assert.deepEqual(Object.keys(filesIn(checkpointDir)), [
      "best_model_model_all_train_loss.safetensors",
      "checkpoint_1.0.safetensors",
    ]);
    await mine.clear();
  });

  it("L7: the default metric stays Snorkel's training loss, so that runs agree", () => {
    assert.equal(checkpointerDefaults.checkpointMetric, "model/all/train/loss:min");
  });

  it("counts a best value whose model is no longer there as none when it is restored", async () => {
    const checkpointDir = newFolder();
    const checkpointer = new Checkpointer({ checkpointDir });
    checkpointer.restore({ best: { [loss]: 0.1 }, written: [], values: {} });
    await checkpointer.checkpoint(1, new Model(1), { [loss]: 0.5 });
    assert.deepEqual(checkpointer.bestMetrics, { [loss]: 0.5 });
  });

  it("does not count a best model that could not be saved", async () => {
    const checkpointer = new Checkpointer({ checkpointDir: newFolder() });
    const failing = { save: () => Promise.reject(new Error("no space")), load: async () => {} };
    await assert.rejects(checkpointer.checkpoint(1, failing, { [loss]: 1 }), /no space/);
    assert.deepEqual(checkpointer.state(), { best: {}, written: [], values: {} });
  });

  it("refuses unknown options, units and values of the wrong type", () => {
    const checkpointDir = newFolder();
    assert.throws(() => new Checkpointer({ checkpointDri: "a" } as object), /Did you mean "checkpointDir"\?/);
    const counterUnit = "steps" as CounterUnit;
    assert.throws(
      () => new Checkpointer({ checkpointDir, counterUnit }),
      /expected counterUnit to be one of/,
    );
    const checkpointClear = "no" as unknown as boolean;
    assert.throws(
      () => new Checkpointer({ checkpointDir, checkpointClear }),
      /a boolean for checkpointClear/,
    );
  });
});
