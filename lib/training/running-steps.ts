import type { PlannedStep, StepPlan } from "../steps/index.ts";
import type { TrainingResult, TrainingThread } from "../torch/engine/index.ts";
import type { nn, optim } from "../torch/index.ts";
import type { GradientAccumulation } from "./gradient-accumulation.ts";
import type { RunningLosses } from "./running-losses.ts";
import { sourceOf } from "./source.ts";
import { badGradient, badLoss, stopped } from "./training-stopped.ts";

interface StepsOptions {
  thread: TrainingThread;
  model: nn.Module;
  optimizer: optim.Optimizer;
  gradClip: number;
  accumulation: GradientAccumulation;
  losses: RunningLosses;
  signal: AbortSignal | undefined;
}

/** How often the progress of the thread is asked for, in milliseconds. */
const pollingInterval = 100;

/** Steps that the training thread is doing. */
export class RunningSteps {
  readonly plan: StepPlan;
  readonly #before: number;
  readonly #options: StepsOptions;
  readonly #result: Promise<TrainingResult>;
  #ended: TrainingResult | null = null;

  /**
   * @param before - how many batches of the epoch come before the first of the plan
   * @param rates - the rates of its steps, an array for each parameter group
   */
  constructor(plan: StepPlan, before: number, rates: readonly Float64Array[], options: StepsOptions) {
    const { thread, optimizer, gradClip, losses, accumulation } = options;
    this.plan = plan;
    this.#before = before;
    this.#options = options;
    const namesOf = ({ kind, loader }: PlannedStep) =>
      kind.outputs.map((label) => losses.placeOf(`${label}/${sourceOf(loader)}/loss`));
    const steps = plan.assemble(namesOf);
    const sums = { losses: losses.losses, points: losses.points };
    this.#result = thread.run({
      ...{ ...steps, ...sums, optimizer, gradClip, rates, destinations: null },
      accumulation: accumulation.planned(before, plan.length),
    });
    this.#result.catch(() => {});
  }

  /**
   * Waits for the last step. An abort, or a step that fails, ends the steps before the last.
   * @returns how many examples each batch had that was trained on
   */
  async finish(onProgress: (steps: number) => void): Promise<number[]> {
    const { thread, signal } = this.#options;
    const abort = () => thread.abort();
    const polling = setInterval(() => onProgress(thread.progress), pollingInterval);
    signal?.addEventListener("abort", abort);
    try {
      if (signal?.aborted) abort();
      return this.#take(await this.#result);
    } finally {
      clearInterval(polling);
      signal?.removeEventListener("abort", abort);
      this.plan.dispose();
    }
  }

  /**
   * Ends the steps early, and waits until the thread is idle.
   * @returns how many examples each batch had that was trained on
   */
  async stop(): Promise<number[]> {
    this.#options.thread.abort();
    try {
      return this.#take(await this.#result);
    } catch {
      return []; // who started it has learned of that
    } finally {
      this.plan.dispose();
    }
  }

  #take(result: TrainingResult): number[] {
    const { losses } = this.#options;
    this.#ended = result;
    losses.losses = result.losses;
    losses.points = result.points;
    return this.plan.sizes.slice(0, result.done);
  }

  /** @throws Error for a step that failed. */
  check(): void {
    const result = this.#ended;
    if (result === null) return;
    const { model, optimizer } = this.#options;
    const step = this.plan.at(result.done);
    if (step === undefined) return;
    const { kind, loader } = step;
    const position = this.#before + result.done + 1;
    const source = sourceOf(loader);
    if (result.badLoss !== null) {
      const { output, value } = result.badLoss;
      throw stopped(position, source, badLoss(kind.outputs[output], value));
    }
    if (result.badGradient !== null) {
      const parameter = optimizer.parameters[result.badGradient];
      throw stopped(position, source, badGradient(model, parameter, kind.outputs));
    }
    throw stopped(position, source, new Error(result.error ?? "the thread was stopped"));
  }
}
