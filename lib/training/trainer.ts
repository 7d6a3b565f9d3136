import { resolve } from "node:path";
import { type DataLoader, seedEverything } from "../data/index.ts";
import { expected } from "../errors.ts";
import { inTraining, onceEvaluated } from "../model/evaluation.ts";
import { MultitaskClassifier } from "../model/index.ts";
import { isPlainObject } from "../options.ts";
import { scope, type Tensor } from "../torch/index.ts";
import { captureTraining } from "./capture.ts";
import { callDue, type FitCallbacks, type FitContext } from "./fit-callbacks.ts";
import { type FitOptions, readFitOptions } from "./fit-options.ts";
import type { History } from "./history.ts";
import { LoadedTraining } from "./loaded-training.ts";
import { createProgress } from "./progress.ts";
import type { SavedTraining } from "./saved-training.ts";
import { checkLabels, splitLoaders } from "./split-loaders.ts";
import { StepRunner } from "./step-runner.ts";
import { type LabelWeights, labelWeights } from "./task-weights.ts";
import { readTrainerConfig, type TrainerConfig, type TrainerOptions } from "./trainer-config.ts";
import { readTraining, writeTraining } from "./training-file.ts";
import { type TrainingParts, TrainingState } from "./training-state.ts";

/** What a `fit` works on at the moment: models, and folders of checkpoints. */
const models = new WeakSet<MultitaskClassifier>();
const folders = new Set<string>();

/**
 * Trains a {@link MultitaskClassifier}.
 * Source: snorkel/classification/training/trainer.py.
 */
export class Trainer {
  /** By default the class's name. */
  readonly name: string;
  /** The latest value of every metric of the last `fit`: losses, learning rate, validation scores. */
  metrics: Record<string, number> = {};
  #config: TrainerConfig;
  /** Of the latest `fit`. */
  #state: TrainingState | null = null;
  /** What the next `fit` goes on from. */
  #loaded: LoadedTraining | null = null;

  /** @throws TypeError for an unknown setting, naming the nearest, or a value out of range. */
  constructor(options: TrainerOptions = {}) {
    if (!isPlainObject(options)) throw expected("Trainer", "a plain object", "options", options);
    const { name, ...config } = options;
    this.name = name ?? new.target.name;
    this.#config = readTrainerConfig(config);
  }

  /** All settings. They may be changed between two calls of `fit`. */
  get config(): TrainerConfig {
    return this.#config;
  }

  /**
   * Trains the model on the loaders of the training split, and evaluates it on those of the validation split whenever the
   * log manager says so. With `checkpointing`, the model ends with the best weights seen. With `weightAveraging`, what is
   * evaluated, kept and left in the model are the averaged weights.
   *
   * After {@link load} with a model, it goes on with the training that was saved, and ends as that would have ended.
   *
   * @throws TypeError before anything is changed, if loaders, labels or settings do not fit.
   * @throws Error at a loss or gradient that is not finite, naming the batch and the task; checkpoints stay.
   */
  async fit(
    model: MultitaskClassifier,
    loaders: readonly DataLoader[],
    options: FitOptions = {},
  ): Promise<History> {
    const { signal, callbacks, remapLabels } = readFitOptions(options);
    if (!(model instanceof MultitaskClassifier))
      throw expected("Trainer.fit", "a MultitaskClassifier", "model", model);
    if (models.has(model)) throw new Error("[Trainer.fit] expected a model that is not in training already");
    const { config } = this;
    // It may have been changed since it was read.
    readTrainerConfig(config);
    const folder = checkpointFolder(config);
    if (folder !== null && folders.has(folder)) {
      const remedy = "Give each a checkpointerConfig.checkpointDir of its own";
      throw expected("Trainer.fit", "a folder that no other training uses", "checkpointDir", folder, remedy);
    }
    const { train, valid } = splitLoaders(config, loaders);
    checkLabels(model, train, remapLabels);
    const parts: TrainingParts = { config, model, train, valid, remapLabels };
    const weights = labelWeights(config.taskWeights, model, train, remapLabels);
    const loaded = this.#loaded;
    loaded?.check(parts);
    signal?.throwIfAborted();

    models.add(model);
    if (folder !== null) folders.add(folder);
    try {
      return await onceEvaluated(model, () => this.#train(parts, loaded, weights, callbacks, signal));
    } finally {
      models.delete(model);
      if (folder !== null) folders.delete(folder);
    }
  }

  async #train(
    parts: TrainingParts,
    loaded: LoadedTraining | null,
    weights: LabelWeights,
    callbacks: readonly FitCallbacks[],
    signal: AbortSignal | undefined,
  ): Promise<History> {
    const { config, model, train, remapLabels } = parts;
    if (config.precision !== "float32") model.setPrecision(config.precision);
    const state = new TrainingState(parts, loaded?.runName ?? null);
    const steps = new StepRunner(state, weights, signal);
    const progress = createProgress(config.progressBar);
    const callbacksDue = () => callDue(state.due, callbacks, this.#contextOf(state));
    const { history, writer } = state;

    try {
      model.train();
      for (const parameter of state.frozen) parameter.requiresGrad = false;
      if (loaded === null) {
        if (config.seed !== null) seedEverything(config.seed);
        this.metrics = {};
        await writer.writeConfig(config);
      } else {
        loaded.restore(state);
        await writer.resume(state.logManager.pointTotal);
        await state.goOn(signal);
      }
      this.#begin(state);
      state.optimizer.zeroGrad();
      await callbacksDue();
      if (state.isEpochDone) state.endEpoch();
      while (!state.isOver) {
        const batches = state.openEpoch();
        progress.startEpoch(state.epoch, state.nBatchesPerEpoch);
        while (!state.isEpochDone && history.stopped === null) {
          await steps.train(batches, (position) => progress.update(position));
          const isEvaluation = state.logManager.triggerEvaluation();
          if (state.isEpochDone) state.due.names.push("onEpochEnd");
          if (isEvaluation) await this.#evaluate(state, steps);
          else this.#note(state, state.losses.averages());
          progress.report(this.metrics);
          await callbacksDue();
        }
        if (state.isEpochDone) state.endEpoch();
      }
      const { averaging, checkpointer, earlyStopping } = state;
      await inTraining(model, async () => {
        averaging.adopt();
        history.loadedBestModel =
          (await checkpointer?.loadBestModel(model)) || earlyStopping.restoreBest(model);
        await averaging.updateStatistics(train, remapLabels);
      });
      await checkpointer?.clear();
      return history;
    } finally {
      state.stop();
      await inTraining(model, async () => {
        for (const parameter of state.frozen) parameter.requiresGrad = true;
      });
      progress.stop();
      steps.dispose();
      await writer.cleanup();
    }
  }

  /** Scores, logs and checkpoints, and sees whether the training is to end. */
  async #evaluate(state: TrainingState, steps: StepRunner): Promise<void> {
    const { parts, averaging, checkpointer, earlyStopping, history, logManager, writer } = state;
    const { model } = parts;
    state.isBusy = true;
    const losses = state.losses.averages();
    const scores = await steps.score();
    state.learningRates.observe({ ...losses, ...scores });
    const metrics = this.#note(state, losses, scores);
    const { pointTotal: step, batchTotal: batch, epochTotal: epoch } = logManager;
    for (const [name, value] of Object.entries(metrics)) writer.addScalar(name, value, step);
    await writer.flush();
    const learningRate = metrics["model/all/train/lr"] as number;
    history.evaluations.push({ step, batch, epoch, learningRate, losses, scores });
    state.losses.reset();
    if (earlyStopping.observe(metrics)) history.stopped = "earlyStopping";
    if (earlyStopping.isBest) await averaging.inUse(async () => earlyStopping.keep(model));
    const checkpoint =
      checkpointer !== null && logManager.triggerCheckpointing()
        ? await averaging.inUse(() => checkpointer.checkpoint(logManager.unitTotal, model, metrics))
        : null;
    if (checkpoint !== null) {
      state.checkpoint = checkpoint;
      state.due.names.unshift("onCheckpoint");
    }
    state.due.names.unshift("onEvaluate");
    state.isBusy = false;
    if (checkpoint !== null && checkpointer?.statePath)
      await this.#write(checkpointer.statePath, () => captureTraining(state));
  }

  /** Notes the latest metrics: losses, the rate of the next batch, scores. */
  #note(state: TrainingState, losses: Record<string, number>, scores = {}): Record<string, number> {
    const [lr = this.config.lr] = state.learningRates.of(state.history.batches, 1, state.groups[0]?.lr);
    const metrics = { ...losses, "model/all/train/lr": lr, ...scores };
    Object.assign(this.metrics, metrics);
    return metrics;
  }

  #contextOf(state: TrainingState): FitContext {
    const { history, parts, logManager } = state;
    return {
      trainer: this,
      ...{ model: parts.model, history, metrics: this.metrics },
      epoch: logManager.epochTotal,
      checkpoint: state.checkpoint,
      stop: () => {
        history.stopped ??= "callback";
      },
    };
  }

  /** Leaves the training before, of which `save` could still tell. */
  #begin(state: TrainingState): void {
    if (this.#state !== null && !models.has(this.#state.parts.model)) this.#state.dispose();
    this.#state = state;
    this.#loaded?.dispose();
    this.#loaded = null;
  }

  /**
   * Writes the configuration and, once there was a `fit`, all that it takes to go on with that training: the weights, the
   * state of the optimizer, of schedules, averages, generators and logs, and the place in the epoch. To be called in a
   * callback of `fit`, or after `fit` has ended, as it does when it is aborted.
   *
   * What is saved is what there is at the time of the call; the file is complete when the promise resolves.
   *
   * @param path - a `.safetensors` file, which holds either all of that or, if something fails, what it held before
   * @throws Error while batches are trained on, and after a training whose evaluation has failed.
   */
  async save(path: string): Promise<void> {
    if (this.#state?.isBusy) {
      const remedy = "Call it in a callback of fit, or when fit has ended";
      throw new Error(`[Trainer.save] expected a training between two batches, got one at work. ${remedy}`);
    }
    const [loaded, state] = [this.#loaded, this.#state];
    const nothing = { facts: null, tensors: {} };
    await this.#write(path, () => loaded?.saved ?? (state === null ? nothing : captureTraining(state)));
  }

  /** Copies the tensors at once: the training may go on before they are written. */
  async #write(path: string, capture: () => Pick<SavedTraining, "facts" | "tensors">): Promise<void> {
    const { name, config, metrics } = this;
    const { facts, tensors } = scope(() => {
      const captured = capture();
      const copies = Object.entries(captured.tensors).map(([key, tensor]) => [key, tensor.detach().clone()]);
      return { facts: captured.facts, tensors: Object.fromEntries(copies) as Record<string, Tensor> };
    });
    try {
      await writeTraining(path, { name, config, metrics, facts, tensors });
    } finally {
      for (const tensor of Object.values(tensors)) tensor.dispose();
    }
  }

  /**
   * Reads what {@link save} wrote. The configuration becomes the trainer's. With a model, that gets the weights, and the next
   * `fit` of it, on loaders of the same names and lengths, goes on with the training: in the middle of an epoch, if need be,
   * and to the same bits. Functions are not in the file: a trainer for a schedule of one's own has to be made with it.
   *
   * @throws Error for a file that is not there, and TypeError for one that is none of `save`, or of another model; nothing
   *   is changed then.
   */
  async load(path: string, model: MultitaskClassifier | null = null): Promise<void> {
    if (model !== null && !(model instanceof MultitaskClassifier))
      throw expected("Trainer.load", "a MultitaskClassifier or nothing", "model", model);
    if (model !== null && models.has(model))
      throw new Error("[Trainer.load] expected a model that is not in training");
    const saved = await readTraining(path, this.config);
    const loaded = new LoadedTraining(saved, model);
    this.#config = saved.config;
    this.#loaded?.dispose();
    this.#loaded = loaded.isContinued ? loaded : null;
    if (loaded.isContinued) this.metrics = { ...saved.metrics };
  }
}

/** The folder of the checkpoints, where it has a name of its own: a run's folder is shared with no other run. */
function checkpointFolder({ checkpointing, checkpointerConfig }: TrainerConfig): string | null {
  const { checkpointDir } = checkpointerConfig;
  return checkpointing && typeof checkpointDir === "string" ? resolve(checkpointDir) : null;
}
