import type { Batch, DataLoader } from "../data/index.ts";
import { EventLoop } from "../event-loop.ts";
import { inTraining } from "../model/evaluation.ts";
import type { MultitaskClassifier, RemapLabels } from "../model/index.ts";
import { labelsToTasks } from "../model/labels.ts";
import { noGrad, optim, scope, type Tensor } from "../torch/index.ts";
import { updateAverages } from "../torch/optim/averaging.ts";
import type { TrainerConfig } from "./trainer-config.ts";

/** How far an average is, to continue from. */
export interface WeightAveragingState {
  /** Batches trained so far. */
  batches: number;
  /** How often weights have entered. */
  nAveraged: number;
}

/** Keeps the average of a model's weights while the model trains on with its own. */
export interface WeightAveraging {
  /** How many batches may train before {@link update} has to be told. */
  readonly batchesUntilEntry: number;
  /** To be called after batches, no more at a time than there are until the next entry. */
  update(batches: number): void;
  /** Runs a function while the model has the averaged weights. */
  inUse<T>(run: () => Promise<T>): Promise<T>;
  /** Leaves the averaged weights in the model. */
  adopt(): void;
  /** Fits the model's running statistics to the weights that it has now. */
  updateStatistics(loaders: readonly DataLoader[], remapLabels: RemapLabels): Promise<void>;
  state(): WeightAveragingState | null;
  /** The averages: the very tensors. */
  readonly averages: readonly Tensor[];
  restore(state: WeightAveragingState | null, averages: readonly Tensor[]): void;
  dispose(): void;
}

/** There is no average: the model's weights are all there is. */
const noAveraging: WeightAveraging = {
  batchesUntilEntry: Number.POSITIVE_INFINITY,
  update() {},
  inUse: (run) => run(),
  adopt() {},
  async updateStatistics() {},
  state: () => null,
  averages: [],
  restore() {},
  dispose() {},
};

class AveragedWeights implements WeightAveraging {
  readonly #model: MultitaskClassifier;
  readonly #config: TrainerConfig["weightAveragingConfig"];
  readonly #rule: optim.AveragingRule;
  readonly #startStep: number;
  readonly #weights: readonly Tensor[];
  #averages: readonly Tensor[] = [];
  #batches = 0;
  #nAveraged = 0;

  constructor(config: TrainerConfig, model: MultitaskClassifier, totalBatches: number) {
    const { weightAveraging, weightAveragingConfig } = config;
    const { decay, startStep, startPercentage, useBuffers } = weightAveragingConfig;
    const share = startPercentage ?? (weightAveraging === "swa" ? 0.75 : 0);
    this.#model = model;
    this.#config = weightAveragingConfig;
    this.#rule = {
      avgFn: null,
      multiAvgFn: weightAveraging === "ema" ? optim.getEmaMultiAvgFn(decay) : null,
    };
    this.#startStep = startStep === 0 ? Math.trunc(share * totalBatches) : startStep;
    this.#weights = [...model.parameters(), ...(useBuffers ? model.buffers() : [])];
  }

  get batchesUntilEntry(): number {
    const { frequency } = this.#config;
    const sinceStart = this.#batches - this.#startStep;
    return sinceStart < 1 ? 1 - sinceStart : frequency - ((sinceStart - 1) % frequency);
  }

  update(batches: number): void {
    this.#batches += batches;
    const sinceStart = this.#batches - this.#startStep;
    if (sinceStart < 1 || (sinceStart - 1) % this.#config.frequency !== 0) return;
    if (this.#nAveraged === 0) this.#averages = copiesOf(this.#weights);
    else updateAverages(this.#averages, this.#weights, this.#nAveraged, this.#rule);
    this.#nAveraged += 1;
  }

  async inUse<T>(run: () => Promise<T>): Promise<T> {
    let own: Tensor[] = [];
    // Somebody else may predict with the model, and shall not see the weights change.
    await inTraining(this.#model, async () => {
      own = this.#nAveraged === 0 ? [] : copiesOf(this.#weights);
      this.adopt();
    });
    try {
      return await run();
    } finally {
      await inTraining(this.#model, async () => assign(this.#weights, own));
      for (const copy of own) copy.dispose();
    }
  }

  // By value, not by exchanging memory: views and recorded steps go on to see the model's weights.
  adopt(): void {
    assign(this.#weights, this.#averages);
  }

  async updateStatistics(loaders: readonly DataLoader[], remapLabels: RemapLabels): Promise<void> {
    if (!this.#config.updateBn || this.#nAveraged === 0) return;
    const forward = (batch: Batch): unknown => {
      const labels = Object.keys(batch.yDict);
      const tasks = labelsToTasks("Trainer.fit", labels, this.#model.taskNames, remapLabels).values();
      return this.#model.forward(batch.xDict, new Set(tasks));
    };
    await optim.updateBn(batchesOf(loaders), this.#model, { forward });
  }

  state(): WeightAveragingState {
    return { batches: this.#batches, nAveraged: this.#nAveraged };
  }

  get averages(): readonly Tensor[] {
    return this.#averages;
  }

  restore(state: WeightAveragingState | null, averages: readonly Tensor[]): void {
    if (state === null) return;
    this.#batches = state.batches;
    this.#nAveraged = state.nAveraged;
    this.#averages = averages.length === 0 ? [] : copiesOf(this.#weights);
    assign(this.#averages, averages);
  }

  dispose(): void {
    for (const average of this.#averages) average.dispose();
  }
}

export function createWeightAveraging(
  config: TrainerConfig,
  model: MultitaskClassifier,
  totalBatches: number,
): WeightAveraging {
  return config.weightAveraging === "none" ? noAveraging : new AveragedWeights(config, model, totalBatches);
}

function copiesOf(tensors: readonly Tensor[]): Tensor[] {
  return scope(() => tensors.map((tensor) => tensor.detach().clone().keep()));
}

/** Copies values into tensors; none if there are none. */
function assign(tensors: readonly Tensor[], values: readonly Tensor[]): void {
  scope(() => noGrad(() => values.forEach((value, i) => void tensors[i]?.copy_(value))));
}

/** The batches of all loaders, one loader after the other. Each is freed when the next one is asked for. */
async function* batchesOf(loaders: readonly DataLoader[]): AsyncIterable<Batch> {
  const eventLoop = new EventLoop();
  for (const loader of loaders) {
    for await (const batch of loader) {
      yield batch;
      batch.dispose();
      await eventLoop.breathe();
    }
  }
}
