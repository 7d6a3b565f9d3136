import { countBatches } from "../data/data-loader.ts";
import {
  type DataLoader,
  type DrawMark,
  type EpochBatches,
  type GeneratorStates,
  Generators,
  openEpoch,
} from "../data/index.ts";
import {
  Checkpointer,
  createLogWriter,
  LogManager,
  type LogWriter,
  NullLogWriter,
} from "../logging/index.ts";
import type { MultitaskClassifier, RemapLabels } from "../model/index.ts";
import type { Tensor } from "../torch/index.ts";
import { createOptimizer } from "./create-optimizer.ts";
import { createEarlyStopping } from "./early-stopping.ts";
import type { DueCallbacks } from "./fit-callbacks.ts";
import { GradientAccumulation } from "./gradient-accumulation.ts";
import type { History } from "./history.ts";
import { LearningRates } from "./learning-rates.ts";
import { groupParameters, type TrainedGroup } from "./param-groups.ts";
import { RunningLosses } from "./running-losses.ts";
import type { TrainerConfig } from "./trainer-config.ts";
import { createWeightAveraging } from "./weight-averaging.ts";

/** What a training is made of. */
export interface TrainingParts {
  config: TrainerConfig;
  model: MultitaskClassifier;
  train: readonly DataLoader[];
  valid: readonly DataLoader[];
  remapLabels: RemapLabels;
}

/** By which draws the loaders came to the batch of the epoch that comes next. */
export interface Draws {
  /** Before the epoch was opened; null between two epochs. */
  opened: GeneratorStates | null;
  marks: readonly DrawMark[];
  now: GeneratorStates;
}

/** All that a training changes as it goes on, so that another one can go on from there: see Trainer.save. */
export class TrainingState {
  readonly parts: TrainingParts;
  readonly nBatchesPerEpoch: number;
  readonly groups: readonly TrainedGroup[];
  /** Parameters that are to stay as they are. */
  readonly frozen: readonly Tensor[];
  readonly optimizer: ReturnType<typeof createOptimizer>;
  readonly learningRates: LearningRates;
  readonly averaging: ReturnType<typeof createWeightAveraging>;
  readonly accumulation: GradientAccumulation;
  readonly earlyStopping: ReturnType<typeof createEarlyStopping>;
  readonly checkpointer: Checkpointer | null;
  readonly logManager: LogManager;
  readonly losses = new RunningLosses();
  readonly history: History = { evaluations: [], batches: 0, stopped: null, loadedBestModel: false };
  /** Epochs that have ended. */
  epoch = 0;
  /** Batches of the epoch that are done. */
  position = 0;
  /** The callbacks that come before the next batch. */
  due: DueCallbacks = { names: [], asked: 0 };
  /** The path of the latest checkpoint. */
  checkpoint: string | null = null;
  /** Whether all this is being changed, so that it tells of no place from which one could go on. */
  isBusy = false;
  readonly writer: LogWriter;
  readonly #generators: Generators;
  #batches: EpochBatches | null = null;
  #opened: GeneratorStates | null = null;
  /** Where the training stands while it does not go on. */
  #stopped: Draws | null = null;

  /** @param runName - of the logs that are to be continued; null for those of the configuration */
  constructor(parts: TrainingParts, runName: string | null) {
    const { config, model, train, valid } = parts;
    this.parts = parts;
    this.nBatchesPerEpoch = countBatches(train);
    const { groups, frozen } = groupParameters(config, model);
    this.groups = groups;
    this.frozen = frozen;
    this.optimizer = createOptimizer(config, model, groups);
    this.learningRates = new LearningRates(config, this.nBatchesPerEpoch);
    this.averaging = createWeightAveraging(config, model, this.nBatchesPerEpoch * config.nEpochs);
    const { gradientAccumulationSteps } = config;
    this.accumulation = new GradientAccumulation(
      this.optimizer,
      gradientAccumulationSteps,
      this.nBatchesPerEpoch,
    );
    this.earlyStopping = createEarlyStopping(config);
    this.writer = createWriter(config, runName);
    const { logDir } = this.writer;
    const { counterUnit } = config.logManagerConfig;
    this.checkpointer = config.checkpointing
      ? new Checkpointer({ ...config.checkpointerConfig, counterUnit, logDir })
      : null;
    const checkpointFactor = this.checkpointer?.checkpointFactor ?? null;
    const { nBatchesPerEpoch } = this;
    this.logManager = new LogManager({ ...config.logManagerConfig, nBatchesPerEpoch, checkpointFactor });
    this.#generators = new Generators([...train, ...valid]);
  }

  /** Whether there is nothing left to train. */
  get isOver(): boolean {
    return this.history.stopped !== null || this.epoch >= this.parts.config.nEpochs;
  }

  get isEpochDone(): boolean {
    return this.position >= this.nBatchesPerEpoch;
  }

  /** The batches of the epoch, from the next one on. */
  openEpoch(): EpochBatches {
    if (this.#batches !== null) return this.#batches;
    this.#opened = this.#generators.states();
    const batches = openEpoch(this.parts.config.batchScheduler, this.parts.train, this.#generators);
    const { length } = batches.sizes;
    if (length !== this.nBatchesPerEpoch) {
      batches.close();
      const remedy = "Change how many there are between two calls of fit";
      throw new RangeError(
        `[Trainer.fit] expected ${this.nBatchesPerEpoch} batches in each epoch, as in the first one, got ${length}. ${remedy}`,
      );
    }
    this.#batches = batches;
    return batches;
  }

  /** Counts batches that were trained on. */
  count(sizes: readonly number[]): void {
    for (const size of sizes) this.logManager.update(size);
    this.history.batches += sizes.length;
    this.position += sizes.length;
    this.#batches?.settle(this.position);
  }

  endEpoch(): void {
    this.epoch += 1;
    this.position = 0;
    this.#batches?.close();
    this.#batches = null;
    this.#opened = null;
  }

  /** To be called when `fit` ends, however it ends: others may draw from the generators from then on. */
  stop(): void {
    this.#stopped = this.draws;
    this.#batches?.close();
    this.#batches = null;
  }

  /** Makes this stand where another training stood, by the draws with which it came there. */
  standAt(draws: Draws): void {
    this.#stopped = draws;
  }

  /** Goes on from where this stands: what is done of an epoch is passed over, as loaders came to it. */
  async goOn(signal?: AbortSignal): Promise<void> {
    const stopped = this.#stopped;
    if (stopped === null) return;
    if (stopped.opened !== null) {
      this.#generators.set(stopped.opened);
      await this.openEpoch().skip(this.position, stopped.marks, signal);
    }
    this.#generators.set(stopped.now);
    this.#stopped = null;
  }

  /** By which draws the training came to where it stands. */
  get draws(): Draws {
    if (this.#stopped !== null) return this.#stopped;
    const isWithin =
      this.#batches !== null && this.#opened !== null && this.position > 0 && !this.isEpochDone;
    if (isWithin) {
      const now = this.#batches?.statesAfter(this.position) ?? this.#generators.states();
      return { opened: this.#opened, marks: this.#batches?.marksUpTo(this.position) ?? [], now };
    }
    // An epoch of which nothing is done will be opened anew.
    const isUntouched = this.position === 0 && this.#opened !== null;
    const now = isUntouched ? (this.#opened as GeneratorStates) : this.#generators.states();
    return { opened: null, marks: [], now };
  }

  dispose(): void {
    this.optimizer.dispose();
    this.averaging.dispose();
    this.accumulation.dispose();
    this.earlyStopping.dispose();
  }
}

function createWriter(config: TrainerConfig, runName: string | null): LogWriter {
  if (!config.logging) return new NullLogWriter();
  const own = runName === null ? {} : { runName };
  return createLogWriter(config.logWriter, { ...config.logWriterConfig, ...own });
}
