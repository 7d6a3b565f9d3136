import { type DataLoader, type EpochBatches, openEpoch, seedEverything } from "../data/index.ts";
import { expected } from "../errors.ts";
import { EventLoop } from "../event-loop.ts";
import {
  Checkpointer,
  createLogWriter,
  LogManager,
  type LogWriter,
  NullLogWriter,
} from "../logging/index.ts";
import { ForwardPrograms, MultitaskClassifier, type RemapLabels } from "../model/index.ts";
import { labelsToTasks } from "../model/labels.ts";
import { StepPlanner, StepPrograms } from "../steps/index.ts";
import { TrainingThread } from "../torch/engine/index.ts";
import { createOptimizer } from "./create-optimizer.ts";
import type { History } from "./history.ts";
import { LearningRates } from "./learning-rates.ts";
import { groupParameters } from "./param-groups.ts";
import { createProgress } from "./progress.ts";
import { runBatches } from "./run-batches.ts";
import { RunningLosses } from "./running-losses.ts";
import { checkLabels, splitLoaders } from "./split-loaders.ts";
import { readTrainerConfig, type TrainerConfig, type TrainerOptions } from "./trainer-config.ts";
import { createWeightAveraging } from "./weight-averaging.ts";

export interface FitOptions {
  /** Stops the training between two batches; `fit` then rejects with the signal's reason, and the model stays usable. */
  signal?: AbortSignal;
  /** Which task a set of labels trains, where it is not the one of the same name; null for none. */
  remapLabels?: RemapLabels;
  /** Labels that are to train no task. */
  ignoreLabels?: readonly string[];
}

/** The models that a `fit` is training at the moment. */
const inTraining = new WeakSet<MultitaskClassifier>();

/**
 * Trains a {@link MultitaskClassifier}.
 * Source: snorkel/classification/training/trainer.py.
 */
export class Trainer {
  readonly name: string;
  readonly config: TrainerConfig;
  /** The latest value of every metric of the last `fit`: losses, learning rate, validation scores. */
  metrics: Record<string, number> = {};

  /** @throws TypeError for an unknown setting, naming the nearest, or a value out of range. */
  constructor(options: TrainerOptions = {}) {
    const { name, ...config } = options;
    this.name = name ?? new.target.name;
    this.config = readTrainerConfig(config);
  }

  /**
   * Trains the model on the loaders of the training split, and evaluates it on those of the validation split whenever the
   * log manager says so. With `checkpointing`, the model ends with the best weights seen. With `weightAveraging`, what is
   * evaluated, kept and left in the model are the averaged weights.
   *
   * @throws TypeError before anything is changed, if loaders, labels or settings do not fit.
   * @throws Error at a loss or gradient that is not finite, naming the batch and the task; checkpoints stay.
   */
  async fit(
    model: MultitaskClassifier,
    loaders: readonly DataLoader[],
    options: FitOptions = {},
  ): Promise<History> {
    const { signal, remapLabels = {}, ignoreLabels = [] } = options;
    if (!(model instanceof MultitaskClassifier))
      throw expected("Trainer.fit", "a MultitaskClassifier", "model", model);
    if (inTraining.has(model))
      throw new Error("[Trainer.fit] expected a model that is not in training already");
    const { config } = this;
    const { train, valid } = splitLoaders(config, loaders);
    checkLabels(model, train, remapLabels, ignoreLabels);
    signal?.throwIfAborted();

    const nBatchesPerEpoch = train.reduce((sum, loader) => sum + loader.length, 0);
    if (config.precision !== "float32") model.setPrecision(config.precision);
    const { groups, frozen } = groupParameters(config, model);
    const optimizer = createOptimizer(config, model, groups);
    const learningRates = new LearningRates(config, nBatchesPerEpoch);
    const averaging = createWeightAveraging(config, model, nBatchesPerEpoch * config.nEpochs);
    const writer = config.logging
      ? createLogWriter(config.logWriter, config.logWriterConfig)
      : new NullLogWriter();
    const checkpointer = config.checkpointing ? this.#createCheckpointer(writer) : null;
    const checkpointFactor = checkpointer?.checkpointFactor ?? null;
    const logManager = new LogManager({ ...config.logManagerConfig, nBatchesPerEpoch, checkpointFactor });
    const progress = createProgress(config.progressBar);
    const losses = new RunningLosses();
    const history: History = { evaluations: [], batches: 0, loadedBestModel: false };
    const isTrained = new Set<unknown>(optimizer.parameters);
    const programs = new StepPrograms("Trainer.fit", model, {
      device: model.device,
      trained: model.parameters().filter((parameter) => isTrained.has(parameter)),
      isOn: config.stepPrograms,
    });
    const forward = config.stepPrograms ? new ForwardPrograms(model) : null;
    const labelsOf = (names: Iterable<string>) => [
      ...labelsToTasks("Trainer.fit", names, model.taskNames, remapLabels).keys(),
    ];
    const run = {
      ...{ model, remapLabels, optimizer, averaging, losses, signal, programs },
      planner: new StepPlanner(programs, labelsOf),
      thread: new TrainingThread(),
      eventLoop: new EventLoop(),
    };

    let batches: EpochBatches | null = null;

    inTraining.add(model);
    try {
      if (config.seed !== null) seedEverything(config.seed);
      this.metrics = {};
      await writer.writeConfig(config);
      model.train();
      optimizer.zeroGrad();
      for (const parameter of frozen) parameter.requiresGrad = false;
      for (let epoch = 0; epoch < config.nEpochs; epoch++) {
        batches = openEpoch(config.batchScheduler, train);
        progress.startEpoch(epoch, nBatchesPerEpoch);
        while (batches.position < nBatchesPerEpoch) {
          const start = batches.position;
          const ahead = logManager.batchesUntilEvaluation(batches.sizes.slice(start));
          const rates = groups.map(({ lr }) => learningRates.of(history.batches, ahead, lr));
          const sizes = await runBatches(batches, ahead, rates, {
            ...run,
            gradClip: config.gradClip ?? 0,
            onProgress: (done) => progress.update(start + done),
          });
          for (const size of sizes) logManager.update(size);
          history.batches += sizes.length;
          const lossAverages = losses.averages();
          const isEvaluation = logManager.triggerEvaluation();
          const scores = isEvaluation
            ? await averaging.inUse(() => model.score(valid, { remapLabels, programs: forward }))
            : {};
          if (isEvaluation) learningRates.observe({ ...lossAverages, ...scores });
          const [learningRate = config.lr] = learningRates.of(history.batches, 1, groups[0]?.lr);
          const metrics = { ...lossAverages, "model/all/train/lr": learningRate, ...scores };
          Object.assign(this.metrics, metrics);

          if (isEvaluation) {
            const step = logManager.pointTotal;
            for (const [name, value] of Object.entries(metrics)) writer.addScalar(name, value, step);
            await writer.flush();
            const { batchTotal: batch, epochTotal } = logManager;
            history.evaluations.push({
              step,
              batch,
              epoch: epochTotal,
              learningRate,
              losses: lossAverages,
              scores,
            });
            losses.reset();
            if (checkpointer !== null && logManager.triggerCheckpointing())
              await averaging.inUse(() => checkpointer.checkpoint(logManager.unitTotal, model, metrics));
          }
          progress.report(this.metrics);
        }
      }
      averaging.adopt();
      await checkpointer?.clear();
      history.loadedBestModel = (await checkpointer?.loadBestModel(model)) ?? false;
      await averaging.updateStatistics(train, remapLabels);
      return history;
    } finally {
      inTraining.delete(model);
      for (const parameter of frozen) parameter.requiresGrad = true;
      batches?.close();
      progress.stop();
      run.thread.dispose();
      forward?.dispose();
      programs.dispose();
      optimizer.dispose();
      averaging.dispose();
      await writer.cleanup();
    }
  }

  #createCheckpointer(writer: LogWriter): Checkpointer {
    const { checkpointerConfig, logManagerConfig } = this.config;
    return new Checkpointer({
      ...checkpointerConfig,
      counterUnit: logManagerConfig.counterUnit,
      logDir: writer.logDir,
    });
  }
}
