import { gatherBatch } from "../data/batch.ts";
import type { Batch, DataLoader, EpochBatches } from "../data/index.ts";
import { untilAborted } from "../data/until-aborted.ts";
import type { EventLoop } from "../event-loop.ts";
import type { MultitaskClassifier, RemapLabels } from "../model/index.ts";
import type { StepKind, StepPlan, StepPlanner, StepPrograms, UngatheredBatch } from "../steps/index.ts";
import type { TrainingThread } from "../torch/engine/index.ts";
import { type optim, scope } from "../torch/index.ts";
import { collect } from "../torch/scope.ts";
import type { GradientAccumulation } from "./gradient-accumulation.ts";
import type { RunningLosses } from "./running-losses.ts";
import { RunningSteps } from "./running-steps.ts";
import { sourceOf } from "./source.ts";
import type { LabelWeights } from "./task-weights.ts";
import { trainOn } from "./train-step.ts";
import { stopped } from "./training-stopped.ts";
import type { WeightAveraging } from "./weight-averaging.ts";

/** What the batches of a run have in common. */
export interface RunOptions {
  model: MultitaskClassifier;
  remapLabels: RemapLabels;
  programs: StepPrograms;
  planner: StepPlanner;
  thread: TrainingThread;
  optimizer: optim.Optimizer;
  averaging: WeightAveraging;
  /** The norm to clip the gradients to; 0 for none. */
  gradClip: number;
  accumulation: GradientAccumulation;
  /** What losses are multiplied by. */
  weights: LabelWeights;
  losses: RunningLosses;
  eventLoop: EventLoop;
  signal: AbortSignal | undefined;
  /** Called every now and then with the number of batches that this run has done. */
  onProgress: (done: number) => void;
  /** Called with how many examples each of the next batches had, once they are trained on. */
  onTrained: (sizes: readonly number[]) => void;
}

/**
 * Trains on the next `count` batches, each parameter group at its rates: everything between two triggers of the log
 * manager goes through this one call. Batches for which there is a program are trained on by a thread of their own, while
 * the next ones are planned or made here; the others are trained on here, with turns of the event loop in between.
 *
 * @throws the signal's reason before a batch once it is aborted; the model is then as after the one before.
 * @throws Error for a batch that cannot be had, and for a loss or gradient that is not finite, before the batch changes
 *   anything.
 */
export function runBatches(
  batches: EpochBatches,
  count: number,
  rates: readonly Float64Array[],
  options: RunOptions,
): Promise<void> {
  return new BatchRun(batches, count, rates, options).train();
}

class BatchRun {
  readonly #batches: EpochBatches;
  readonly #count: number;
  readonly #rates: readonly Float64Array[];
  readonly #options: RunOptions;
  /** How many batches of the epoch come before the first. */
  readonly #first: number;
  /** How many batches are done. */
  #done = 0;
  #running: RunningSteps | null = null;

  constructor(batches: EpochBatches, count: number, rates: readonly Float64Array[], options: RunOptions) {
    this.#batches = batches;
    this.#count = count;
    this.#first = batches.position;
    this.#rates = rates;
    this.#options = options;
  }

  async train(): Promise<void> {
    const { model, planner, averaging, signal } = this.#options;
    planner.begin(model.computation.signature);
    try {
      while (this.#taken < this.#count) {
        signal?.throwIfAborted();
        const untilEntry = averaging.batchesUntilEntry - this.#underWay;
        const { plan, left } = this.#takeSteps(Math.min(this.#count - this.#taken, untilEntry));
        if (plan.length > 0) await this.#start(plan);
        if (left !== null) await this.#trainOnUngathered(left);
        else if (plan.length === 0 && this.#isDrawing) await this.#settle();
        else if (plan.length === 0) await this.#trainOnMade();
        if (this.#underWay >= averaging.batchesUntilEntry) await this.#settle();
      }
      await this.#settle();
    } finally {
      if (this.#running !== null) this.#note(await this.#running.stop());
    }
  }

  /** How many batches are done or under way. */
  get #taken(): number {
    return this.#done + this.#underWay;
  }

  get #underWay(): number {
    return this.#running?.plan.length ?? 0;
  }

  /** Whether the thread draws random numbers: no loader may draw then. */
  get #isDrawing(): boolean {
    return this.#running?.plan.isRandom === true;
  }

  #takeSteps(limit: number): { plan: StepPlan; left: UngatheredBatch | null } {
    return this.#orStop(null, () => this.#options.planner.take(this.#batches, limit, this.#isDrawing));
  }

  /** Hands steps to the thread, once it is done with those before. */
  async #start(plan: StepPlan): Promise<void> {
    await this.#settle();
    const before = this.#first + this.#done;
    const [from, to] = [this.#done, this.#done + plan.length];
    const rates = this.#rates.map((ofGroup) => ofGroup.subarray(from, to));
    this.#running = new RunningSteps(plan, before, rates, this.#options);
  }

  /** Waits for the thread. */
  async #settle(): Promise<void> {
    const running = this.#running;
    if (running === null) return;
    this.#running = null;
    const done = this.#done;
    this.#note(await running.finish((steps) => this.#options.onProgress(done + steps)));
    // Not after the last one: what comes between it and the next, an evaluation maybe, belongs to it.
    if (this.#done < this.#count) this.#options.signal?.throwIfAborted();
    running.check();
  }

  async #trainOnUngathered({ loader, indices, kind }: UngatheredBatch): Promise<void> {
    const position = this.#batches.position;
    await this.#settle();
    scope(() => {
      const batch = this.#orStop(loader, () => gatherBatch(loader.dataset, indices));
      this.#trainHere(batch, loader, kind, position);
    });
    await this.#options.eventLoop.breathe();
  }

  /** Trains on a batch that its loader makes, maybe while the thread is busy with the one before. */
  async #trainOnMade(): Promise<void> {
    const { planner, signal, eventLoop } = this.#options;
    const { result, dispose } = collect(() => this.#orStop(null, () => this.#batches.next()));
    const { loader } = result;
    const isPromise = result.batch instanceof Promise;
    const batch = await untilAborted(Promise.resolve(result.batch), signal).catch((error: unknown) => {
      signal?.throwIfAborted();
      throw stopped(this.#batches.position, sourceOf(loader), error);
    });
    try {
      const kind = planner.kindOf(batch, loader);
      if (kind.program !== null) {
        await this.#start(planner.planMade(batch, loader, kind));
      } else {
        await this.#settle();
        scope(() => this.#trainHere(batch, loader, kind, this.#batches.position));
      }
    } finally {
      if (isPromise) batch.dispose();
      dispose();
    }
    await eventLoop.breathe();
  }

  #trainHere(batch: Batch, loader: DataLoader, kind: StepKind, position: number): void {
    const rates = this.#rates.map((ofGroup) => ofGroup[this.#done] ?? Number.NaN);
    trainOn(batch, loader, kind, position, rates, this.#options);
    this.#note([batch.size]);
  }

  #note(sizes: readonly number[]): void {
    if (sizes.length === 0) return;
    this.#done += sizes.length;
    this.#options.averaging.update(sizes.length);
    this.#options.onTrained(sizes);
    this.#options.onProgress(this.#done);
  }

  /** Runs what can fail for a batch that cannot be had. */
  #orStop<T>(loader: DataLoader | null, run: () => T): T {
    try {
      return run();
    } catch (error) {
      throw stopped(this.#batches.position + 1, loader === null ? null : sourceOf(loader), error);
    }
  }
}
