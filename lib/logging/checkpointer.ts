import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { expected, unknownName } from "../errors.ts";
import { copyAtomically, fileNameOf, makeFolder } from "../files.ts";
import { formatFloat } from "../format-float.ts";
import { boolean, mergeOptions, number, oneOf, type Partially } from "../options.ts";
import { type CheckpointMetric, improves, parseCheckpointMetric } from "./checkpoint-metric.ts";
import { type CounterUnit, counterUnits } from "./log-manager.ts";

/** Which checkpoints are kept, and where. */
export interface CheckpointerConfig {
  /** The folder for checkpoints; `null` for the folder of the run's logs. */
  checkpointDir: string | null;
  /** Checkpoint at every this many evaluations. */
  checkpointFactor: number;
  /** The metric whose best model is loaded after training, `task/dataset/split/metric:mode`, mode `min` or `max`. */
  checkpointMetric: string;
  /** More metrics to keep the best model of. */
  checkpointTaskMetrics: string[] | null;
  /** No checkpoints before this many counter units. */
  checkpointRunway: number;
  /**
   * How many checkpoints stay on disk: after each one the best so many by `checkpointMetric`, and the newest. `null` for all,
   * until `clear` removes them.
   */
  checkpointTopK: number | null;
  /**
   * Whether a Trainer writes, with each checkpoint, the state of the run to `trainer_state.safetensors`, from which
   * `Trainer.load` and `fit` continue it to the same bits. It holds the weights, the optimizer's state and more: some three
   * times the size of a checkpoint with Adam.
   */
  checkpointState: boolean;
  /** Whether `clear` removes the checkpoints of this run and leaves the best models. */
  checkpointClear: boolean;
}

/** The defaults of {@link CheckpointerConfig}. */
export const checkpointerDefaults: CheckpointerConfig = {
  checkpointDir: "checkpoints",
  checkpointFactor: 1,
  checkpointMetric: "model/all/train/loss:min",
  checkpointTaskMetrics: null,
  checkpointRunway: 0,
  checkpointTopK: null,
  checkpointState: true,
  checkpointClear: true,
};

export interface CheckpointerOptions extends Partially<CheckpointerConfig> {
  /** What iterations are counted in, as for the LogManager. Default `"epochs"`. */
  counterUnit?: CounterUnit;
  /** The folder of the run's logs, taken when `checkpointDir` is `null`. */
  logDir?: string | null;
}

/** What a {@link Checkpointer} keeps: anything that saves itself to a file and loads itself from one. */
export interface Checkpointable {
  save(path: string): Promise<void>;
  load(path: string): Promise<void>;
}

/** The facts from which a {@link Checkpointer} in the same folder is rebuilt. */
export interface CheckpointerState {
  /** The best value of each metric that had one. */
  best: Record<string, number>;
  /** File names of the checkpoints written and not removed, oldest first. */
  written: string[];
  /** What `checkpointMetric` was at those that had a number for it, by file name. */
  values: Record<string, number>;
}

/**
 * Saves a model as `checkpoint_{iteration}.safetensors` while it trains, and its best states as
 * `best_model_{metric, with _ for /}.safetensors` (on Windows with _ for all that a file name cannot have there, such as `:`).
 *
 * Source: `snorkel.classification.training.loggers.Checkpointer`.
 *
 * @throws TypeError for a bad option; Error when the folder cannot be made.
 */
export class Checkpointer {
  readonly checkpointDir: string;
  readonly checkpointFactor: number;
  readonly #counterUnit: CounterUnit;
  readonly #runway: number;
  readonly #clears: boolean;
  readonly #topK: number;
  readonly #keepsState: boolean;
  readonly #main: CheckpointMetric;
  readonly #metrics: CheckpointMetric[];
  #best = new Map<string, number>();
  /** What the main metric was at each checkpoint; NaN where there was none. */
  #written = new Map<string, number>();
  #missing = new Set<string>();

  constructor({ counterUnit = "epochs", logDir = null, ...options }: CheckpointerOptions = {}) {
    const where = "Checkpointer";
    const config = mergeOptions(where, checkpointerDefaults, options);
    this.#counterUnit = oneOf(where, "counterUnit", counterUnit, counterUnits);
    this.#runway = number(where, "checkpointRunway", config.checkpointRunway, { min: 0 });
    this.checkpointFactor = number(where, "checkpointFactor", config.checkpointFactor, {
      min: 1,
      integer: true,
    });
    if (typeof config.checkpointClear !== "boolean") {
      throw expected(where, "a boolean", "checkpointClear", config.checkpointClear);
    }
    this.#clears = config.checkpointClear;
    const { checkpointTopK: topK } = config;
    this.#topK =
      topK === null
        ? Number.POSITIVE_INFINITY
        : number(where, "checkpointTopK", topK, { min: 1, integer: true });
    this.#keepsState = boolean(where, "checkpointState", config.checkpointState);
    this.#main = parseCheckpointMetric("checkpointMetric", config.checkpointMetric);
    const taskMetrics = config.checkpointTaskMetrics ?? [];
    if (!Array.isArray(taskMetrics)) {
      throw expected(where, "an array of metrics or null", "checkpointTaskMetrics", taskMetrics);
    }
    const more = taskMetrics.map((text) => parseCheckpointMetric("checkpointTaskMetrics", text));
    this.#metrics = withoutDuplicates([this.#main, ...more]);
    const checkpointDir = config.checkpointDir ?? logDir;
    if (typeof checkpointDir !== "string") {
      throw expected(where, "a path", "checkpointDir", checkpointDir, "Name a folder, or switch logging on");
    }
    this.checkpointDir = checkpointDir;
    makeFolder(checkpointDir);
  }

  /** Where the state of the run is to be kept; null if it is not to be kept. */
  get statePath(): string | null {
    return this.#keepsState ? join(this.checkpointDir, "trainer_state.safetensors") : null;
  }

  /** The best value so far of each tracked metric that had one. */
  get bestMetrics(): Record<string, number> {
    return Object.fromEntries(this.#best);
  }

  /**
   * Saves the model, unless the runway is not yet passed, and copies it for each tracked metric that is strictly
   * better than before. A metric that is NaN is never the best.
   *
   * @param iteration training progress in counter units.
   * @param metrics the newest value of every metric, by name.
   * @returns the path of the checkpoint, or null before the runway is passed
   */
  async checkpoint(
    iteration: number,
    model: Checkpointable,
    metrics: Record<string, number>,
  ): Promise<string | null> {
    if (iteration < this.#runway) return null;
    const name = this.#checkpointName(iteration);
    await model.save(join(this.checkpointDir, name));
    this.#written.delete(name);
    this.#written.set(name, metrics[this.#main.name] ?? Number.NaN);

    for (const metric of this.#metrics) {
      const value = metrics[metric.name];
      if (value === undefined) this.#warnMissing(metric.name, metrics);
      else if (improves(metric, value, this.#best.get(metric.name))) {
        await copyAtomically(join(this.checkpointDir, name), this.#bestPath(metric));
        this.#best.set(metric.name, value);
      }
    }
    await this.#removeAllBut(this.#topOf(this.#written));
    return join(this.checkpointDir, name);
  }

  /**
   * Removes the checkpoints that this run wrote, and its state, if `checkpointClear` is set; best models stay. If
   * `checkpointMetric` never had a best value, the newest checkpoint and the state stay as well, and a warning says so.
   */
  async clear(): Promise<void> {
    if (!this.#clears) return;
    const newest = this.#best.has(this.#main.name) ? undefined : [...this.#written.keys()].at(-1);
    await this.#removeAllBut(new Set(newest === undefined ? [] : [newest]));
    if (this.statePath !== null && this.#written.size === 0) await rm(this.statePath, { force: true });
    if (newest !== undefined) {
      const kept = JSON.stringify(join(this.checkpointDir, newest));
      process.emitWarning(
        `[Checkpointer] expected a number for ${JSON.stringify(this.#main.name)}, got none in the whole run. ` +
          `There is no best model; the newest checkpoint is kept at ${kept}`,
      );
    }
  }

  /**
   * Loads the best model by `checkpointMetric`. Without one the model stays as it is.
   *
   * @returns whether a best model was loaded.
   */
  async loadBestModel(model: Checkpointable): Promise<boolean> {
    if (!this.#best.has(this.#main.name)) return false;
    await model.load(this.#bestPath(this.#main));
    return true;
  }

  /** The best values and the files of this run, to continue from in a later one. */
  state(): CheckpointerState {
    const values = [...this.#written].filter(([, value]) => !Number.isNaN(value));
    return {
      best: this.bestMetrics,
      written: [...this.#written.keys()],
      values: Object.fromEntries(values),
    };
  }

  /**
   * Continues from an earlier run in the same folder. A best value whose model is not there counts as none.
   * @throws TypeError for a name that is no checkpoint's; then nothing has changed.
   */
  restore(state: CheckpointerState): void {
    for (const name of state.written) {
      if (!/^checkpoint_[\w.+-]+\.safetensors$/.test(name))
        throw expected("Checkpointer.restore", "names of checkpoints", "written", name);
    }
    const here = this.#metrics.filter((metric) => existsSync(this.#bestPath(metric)));
    this.#best = new Map(
      here.flatMap(({ name }) => (state.best[name] === undefined ? [] : [[name, state.best[name]]])),
    );
    this.#written = new Map(state.written.map((name) => [name, state.values[name] ?? Number.NaN]));
  }

  /** The best checkpoints by the main metric, as many as are to stay, and the newest. */
  #topOf(written: ReadonlyMap<string, number>): Set<string> {
    const sign = this.#main.mode === "min" ? 1 : -1;
    const ranked = [...written].toSorted(([, a], [, b]) => {
      if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
      return sign * (a - b);
    });
    const names = ranked.map(([name]) => name);
    return new Set([...names.slice(0, this.#topK), ...[...written.keys()].slice(-1)]);
  }

  async #removeAllBut(kept: ReadonlySet<string>): Promise<void> {
    for (const name of [...this.#written.keys()].filter((name) => !kept.has(name))) {
      await rm(join(this.checkpointDir, name), { force: true });
      this.#written.delete(name);
    }
  }

  #checkpointName(iteration: number): string {
    const counted = this.#counterUnit === "epochs" ? formatFloat(iteration) : String(iteration);
    return `checkpoint_${counted}.safetensors`;
  }

  #bestPath({ name }: CheckpointMetric): string {
    return join(this.checkpointDir, bestModelName(name));
  }

  #warnMissing(name: string, metrics: Record<string, number>): void {
    if (this.#missing.has(name)) return;
    this.#missing.add(name);
    const { message } = unknownName(
      "Checkpointer",
      "the metric to checkpoint on",
      name,
      Object.keys(metrics),
    );
    process.emitWarning(`${message} (no best model is kept for it until it appears)`);
  }
}

function bestModelName(metric: string): string {
  return `best_model_${fileNameOf(metric)}.safetensors`;
}

/** Drops repetitions; two different metrics under one file name would overwrite each other's best model. */
function withoutDuplicates(metrics: CheckpointMetric[]): CheckpointMetric[] {
  const byFile = new Map<string, CheckpointMetric>();
  for (const metric of metrics) {
    const file = bestModelName(metric.name);
    const other = byFile.get(file);
    if (other && (other.name !== metric.name || other.mode !== metric.mode)) {
      const what = `a metric that does not share ${JSON.stringify(file)} with "${other.name}:${other.mode}"`;
      throw expected("Checkpointer", what, "checkpointTaskMetrics", `${metric.name}:${metric.mode}`);
    }
    byFile.set(file, metric);
  }
  return [...byFile.values()];
}
