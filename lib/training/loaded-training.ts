import { isDeepStrictEqual } from "node:util";
import { expected } from "../errors.ts";
import type { MultitaskClassifier } from "../model/index.ts";
import { scope } from "../torch/index.ts";
import { checkContinuable, restoreTraining } from "./capture.ts";
import { groupParameters } from "./param-groups.ts";
import { type SavedTraining, tensorsBelow } from "./saved-training.ts";
import { readTrainerConfig, type TrainerConfig } from "./trainer-config.ts";
import type { TrainingParts, TrainingState } from "./training-state.ts";

/** The settings that may be others than those of the training that is continued. */
const free = new Set<keyof TrainerConfig>([
  "nEpochs",
  "progressBar",
  "modelConfig",
  "earlyStopping",
  "earlyStoppingConfig",
  "stepPrograms",
]);

/** A training that was saved, and that the next `fit` of a model goes on with. */
export class LoadedTraining {
  readonly saved: SavedTraining;
  readonly #model: MultitaskClassifier | null;
  readonly #config: TrainerConfig;

  /** Gives the model the weights. @throws TypeError or Error if they are another model's; then it is as before. */
  constructor(saved: SavedTraining, model: MultitaskClassifier | null) {
    this.saved = saved;
    this.#model = saved.facts === null ? null : model;
    // What the trainer does with its own afterwards is to be seen.
    this.#config = readTrainerConfig(saved.config);
    try {
      if (this.#model !== null) loadWeights(this.#model, saved);
    } catch (error) {
      this.dispose();
      throw error;
    }
    if (this.#model === null) this.dispose();
  }

  /** Whether there is a training to go on with, rather than a configuration alone. */
  get isContinued(): boolean {
    return this.#model !== null;
  }

  get runName(): string | null {
    return this.saved.facts?.runName ?? null;
  }

  /** @throws TypeError if a training of these parts cannot go on from here. */
  check(parts: TrainingParts): void {
    const { facts } = this.saved;
    if (parts.model !== this.#model || facts === null) {
      const remedy = "Give it to fit, or make a new Trainer";
      throw expected("Trainer.fit", "the model that load was given", "model", parts.model, remedy);
    }
    for (const [name, value] of Object.entries(parts.config) as [keyof TrainerConfig, unknown][]) {
      if (free.has(name) || isDeepStrictEqual(value, this.#config[name])) continue;
      const saved = `What was saved says ${JSON.stringify(this.#config[name])}`;
      throw expected("Trainer.fit", "the setting of the training that was saved", name, value, saved);
    }
    checkContinuable(facts, parts, groupParameters(parts.config, parts.model).groups);
  }

  /** Puts a training that passed the check where this one stood. */
  restore(state: TrainingState): void {
    const { facts, tensors } = this.saved;
    if (facts === null) return;
    // Of another number of epochs, the rates so far may be others.
    const isLonger = state.parts.config.nEpochs !== this.#config.nEpochs;
    const learningRates = isLonger ? { ...facts.learningRates, latest: [] } : facts.learningRates;
    scope(() => restoreTraining(state, { ...facts, learningRates }, tensors));
  }

  dispose(): void {
    for (const tensor of Object.values(this.saved.tensors)) tensor.dispose();
  }
}

function loadWeights(model: MultitaskClassifier, { config, tensors }: SavedTraining): void {
  const weights = tensorsBelow(tensors, "model");
  const isConverted = config.precision !== "float32";
  scope(() => {
    for (const [name, tensor] of Object.entries(model.stateDict())) {
      const saved = weights[name];
      if (saved === undefined || saved.dtype === tensor.dtype || isConverted) continue;
      throw expected(
        "Trainer.load",
        `${tensor.dtype}, as the model has,`,
        `the weights ${name}`,
        saved.dtype,
      );
    }
  });
  // Checks all names and sizes before it changes anything.
  model.loadStateDict(weights);
  if (!isConverted) return;
  model.setPrecision(config.precision);
  model.loadStateDict(weights);
}
