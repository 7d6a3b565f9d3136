import { mergeOptions, number, oneOf, type Partially } from "../options.ts";

/** The counter units by name. */
export const counterUnits = ["epochs", "batches", "points"] as const;

/**
 * What training progress is counted in.
 * @useDeclaredType
 */
export type CounterUnit = (typeof counterUnits)[number];

/** When a training run is evaluated. */
export interface LogManagerConfig {
  /** What `evaluationFreq` counts: `"epochs"`, `"batches"` or `"points"` (rows). */
  counterUnit: CounterUnit;
  /** Evaluate every this many counter units; above 0, fractions allowed (`0.5` epochs). */
  evaluationFreq: number;
}

/** The defaults of {@link LogManagerConfig}. */
export const logManagerDefaults: LogManagerConfig = { counterUnit: "epochs", evaluationFreq: 1.0 };

export interface LogManagerOptions extends Partially<LogManagerConfig> {
  /** How many batches all training loaders together give in one epoch. */
  nBatchesPerEpoch: number;
  /** Try a checkpoint every this many evaluations; `null` (the default) for a run without checkpoints. */
  checkpointFactor?: number | null;
}

/** The facts from which a {@link LogManager} is rebuilt: what passed since the last evaluation, and in total. */
export interface LogManagerState {
  pointCount: number;
  pointTotal: number;
  batchCount: number;
  batchTotal: number;
  /** Evaluations since the last checkpoint. */
  triggerCount: number;
}

/**
 * Counts points, batches and epochs, and says when it is time to evaluate and to checkpoint. An epoch count is the
 * batch count over `nBatchesPerEpoch`, in doubles, and the counts start at 0 after each evaluation: with batches of 8,
 * `evaluationFreq: 10` points evaluates every 16.
 *
 * Source: `snorkel.classification.training.loggers.LogManager`.
 *
 * @throws TypeError for an unknown unit, or a frequency, factor or number of batches that is not above 0.
 */
export class LogManager {
  readonly nBatchesPerEpoch: number;
  readonly counterUnit: CounterUnit;
  readonly evaluationFreq: number;
  readonly checkpointFactor: number | null;
  #state: LogManagerState = { pointCount: 0, pointTotal: 0, batchCount: 0, batchTotal: 0, triggerCount: 0 };

  constructor({ nBatchesPerEpoch, checkpointFactor = null, ...config }: LogManagerOptions) {
    const where = "LogManager";
    const { counterUnit, evaluationFreq } = mergeOptions(where, logManagerDefaults, config);
    this.nBatchesPerEpoch = number(where, "nBatchesPerEpoch", nBatchesPerEpoch, { min: 1, integer: true });
    this.counterUnit = oneOf(where, "counterUnit", counterUnit, counterUnits);
    this.evaluationFreq = number(where, "evaluationFreq", evaluationFreq, { above: 0 });
    this.checkpointFactor =
      checkpointFactor === null
        ? null
        : number(where, "checkpointFactor", checkpointFactor, { min: 1, integer: true });
  }

  /** Points (rows) trained on so far; the step axis of the logs. */
  get pointTotal(): number {
    return this.#state.pointTotal;
  }

  /** Batches trained on so far. */
  get batchTotal(): number {
    return this.#state.batchTotal;
  }

  /** Epochs trained so far, with fractions. */
  get epochTotal(): number {
    return this.#state.batchTotal / this.nBatchesPerEpoch;
  }

  /** Progress so far in counter units. */
  get unitTotal(): number {
    return this.#inUnits(this.#state.pointTotal, this.#state.batchTotal);
  }

  /** Progress since the last evaluation in counter units. */
  get unitCount(): number {
    return this.#inUnits(this.#state.pointCount, this.#state.batchCount);
  }

  /** Counts one batch of `batchSize` rows. */
  update(batchSize: number): void {
    number("LogManager.update", "batchSize", batchSize, { min: 0, integer: true });
    this.#state.pointCount += batchSize;
    this.#state.pointTotal += batchSize;
    this.#state.batchCount += 1;
    this.#state.batchTotal += 1;
  }

  /** True when it is time to evaluate; the counts then start again at 0. */
  triggerEvaluation(): boolean {
    const satisfied = this.unitCount >= this.evaluationFreq;
    if (satisfied) {
      this.#state.triggerCount += 1;
      this.#state.pointCount = 0;
      this.#state.batchCount = 0;
    }
    return satisfied;
  }

  /** True when it is time to checkpoint, after `checkpointFactor` evaluations; that count then starts again at 0. */
  triggerCheckpointing(): boolean {
    const satisfied = this.checkpointFactor !== null && this.#state.triggerCount >= this.checkpointFactor;
    if (satisfied) this.#state.triggerCount = 0;
    return satisfied;
  }

  /**
   * Looks ahead, without counting: how many of the coming batches, given by their sizes in order, it takes to bring
   * the next evaluation; all of them if none does. Sizes past that batch are not read. Where points count and a size is
   * not known (null), they are counted up to that batch, to look ahead anew after it.
   */
  batchesUntilEvaluation(batchSizes: Iterable<number | null>): number {
    let { pointCount, batchCount } = this.#state;
    let batches = 0;
    for (const batchSize of batchSizes) {
      pointCount += batchSize ?? 0;
      batchCount += 1;
      batches += 1;
      if (batchSize === null && this.counterUnit === "points") break;
      if (this.#inUnits(pointCount, batchCount) >= this.evaluationFreq) break;
    }
    return batches;
  }

  /** The counts, to continue from in a later run. */
  state(): LogManagerState {
    return { ...this.#state };
  }

  /** Continues from the counts of an earlier run. */
  restore(state: LogManagerState): void {
    const restored = { ...this.#state };
    for (const name of Object.keys(restored) as (keyof LogManagerState)[]) {
      restored[name] = number("LogManager.restore", name, state[name], { min: 0, integer: true });
    }
    this.#state = restored;
  }

  #inUnits(points: number, batches: number): number {
    if (this.counterUnit === "points") return points;
    if (this.counterUnit === "batches") return batches;
    return batches / this.nBatchesPerEpoch;
  }
}
