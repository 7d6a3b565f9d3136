import type { EpochBatches } from "../data/index.ts";
import { EventLoop } from "../event-loop.ts";
import { inTraining } from "../model/evaluation.ts";
import { ForwardPrograms } from "../model/index.ts";
import { labelsToTasks } from "../model/labels.ts";
import { StepPlanner, StepPrograms } from "../steps/index.ts";
import { TrainingThread } from "../torch/engine/index.ts";
import { runBatches } from "./run-batches.ts";
import type { LabelWeights } from "./task-weights.ts";
import type { TrainingState } from "./training-state.ts";

/** What does the steps and the evaluations of one `fit`: programs and their thread. */
export class StepRunner {
  readonly #state: TrainingState;
  readonly #weights: LabelWeights;
  readonly #signal: AbortSignal | undefined;
  readonly #programs: StepPrograms;
  readonly #planner: StepPlanner;
  readonly #forward: ForwardPrograms | null;
  readonly #thread = new TrainingThread();
  readonly #eventLoop = new EventLoop();

  constructor(state: TrainingState, weights: LabelWeights, signal: AbortSignal | undefined) {
    const { config, model, remapLabels } = state.parts;
    const isTrained = new Set<unknown>(state.optimizer.parameters);
    const labelsOf = (names: Iterable<string>) => [
      ...labelsToTasks("Trainer.fit", names, model.taskNames, remapLabels).keys(),
    ];
    this.#state = state;
    this.#weights = weights;
    this.#signal = signal;
    this.#programs = new StepPrograms("Trainer.fit", model, {
      device: model.device,
      trained: model.parameters().filter((parameter) => isTrained.has(parameter)),
      isOn: config.stepPrograms,
    });
    this.#planner = new StepPlanner(this.#programs, labelsOf);
    this.#forward = config.stepPrograms ? new ForwardPrograms(model) : null;
  }

  /** Trains up to the next evaluation, or the end of the epoch. */
  async train(batches: EpochBatches, onProgress: (position: number) => void): Promise<void> {
    const state = this.#state;
    const { parts, position, history, learningRates, groups } = state;
    const { model, remapLabels, config } = parts;
    const { optimizer, averaging, accumulation, losses } = state;
    const ahead = state.logManager.batchesUntilEvaluation(batches.sizes.slice(position));
    const rates = groups.map(({ lr }) => learningRates.of(history.batches, ahead, lr));
    await inTraining(model, async () => {
      state.isBusy = true;
      try {
        await runBatches(batches, ahead, rates, {
          ...{ model, remapLabels, optimizer, averaging, accumulation, losses },
          ...{
            programs: this.#programs,
            planner: this.#planner,
            thread: this.#thread,
            eventLoop: this.#eventLoop,
          },
          weights: this.#weights,
          gradClip: config.gradClip ?? 0,
          signal: this.#signal,
          onProgress: (done) => onProgress(position + done),
          onTrained: (sizes) => state.count(sizes),
        });
      } finally {
        state.isBusy = false;
      }
    });
  }

  /** The validation scores of the weights that are evaluated. */
  score(): Promise<Record<string, number>> {
    const { model, valid, remapLabels } = this.#state.parts;
    return this.#state.averaging.inUse(() => model.score(valid, { remapLabels, programs: this.#forward }));
  }

  dispose(): void {
    this.#thread.dispose();
    this.#forward?.dispose();
    this.#programs.dispose();
  }
}
