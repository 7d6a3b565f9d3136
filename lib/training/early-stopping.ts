import { unknownName } from "../errors.ts";
import { type CheckpointMetric, improves, parseCheckpointMetric } from "../logging/checkpoint-metric.ts";
import { type nn, noGrad, scope, type Tensor } from "../torch/index.ts";
import type { TrainerConfig } from "./trainer-config.ts";

/** What early stopping has seen, to continue from. */
export interface EarlyStoppingState {
  /** By metric: the value that the next one has to beat. */
  marks: Record<string, number>;
  /** The best value of the first metric. */
  best: number | null;
  /** Evaluations since one of the metrics improved. */
  waited: number;
}

/** Says when a training is to end early, and keeps the best weights. */
export interface EarlyStopping {
  /** Takes the metrics of an evaluation. True if the training is to end. */
  observe(metrics: Readonly<Record<string, number>>): boolean;
  /** Whether the model of the last evaluation is the best one so far, and is to be kept. */
  readonly isBest: boolean;
  /** Keeps the model's weights as the best ones. */
  keep(model: nn.Module): void;
  /** Gives the model the best weights. False if there are none. */
  restoreBest(model: nn.Module): boolean;
  state(): EarlyStoppingState | null;
  /** The best weights, by name: the very tensors. */
  readonly weights: Readonly<Record<string, Tensor>>;
  restore(state: EarlyStoppingState | null, weights: Readonly<Record<string, Tensor>>): void;
  dispose(): void;
}

/** No training ends early. */
const noEarlyStopping: EarlyStopping = {
  observe: () => false,
  isBest: false,
  keep() {},
  restoreBest: () => false,
  state: () => null,
  weights: {},
  restore() {},
  dispose() {},
};

class MetricsStopping implements EarlyStopping {
  readonly #metrics: readonly CheckpointMetric[];
  readonly #config: TrainerConfig["earlyStoppingConfig"];
  #state: EarlyStoppingState = { marks: {}, best: null, waited: 0 };
  #isBest = false;
  #hasWarned = false;
  #weights: Record<string, Tensor> = {};

  constructor(config: TrainerConfig["earlyStoppingConfig"]) {
    this.#config = config;
    this.#metrics = config.metrics.map((metric) => parseCheckpointMetric("metrics", metric));
  }

  get isBest(): boolean {
    return this.#isBest;
  }

  get weights(): Readonly<Record<string, Tensor>> {
    return this.#weights;
  }

  observe(metrics: Readonly<Record<string, number>>): boolean {
    this.#noteBest(metrics);
    const present = this.#metrics.filter(({ name }) => name in metrics);
    for (const metric of this.#metrics) if (!present.includes(metric)) this.#warnOnce(metric.name, metrics);
    if (present.length === 0) return false;
    const improved = present.filter((metric) => this.#improves(metric, metrics[metric.name] as number));
    for (const { name } of improved) this.#state.marks[name] = metrics[name] as number;
    this.#state.waited = improved.length > 0 ? 0 : this.#state.waited + 1;
    return this.#state.waited >= this.#config.patience;
  }

  keep(model: nn.Module): void {
    scope(() => {
      for (const [name, tensor] of Object.entries(model.stateDict())) this.#keep(name, tensor);
    });
  }

  restoreBest(model: nn.Module): boolean {
    if (Object.keys(this.#weights).length === 0) return false;
    model.loadStateDict(this.#weights);
    return true;
  }

  state(): EarlyStoppingState {
    return { ...this.#state, marks: { ...this.#state.marks } };
  }

  restore(state: EarlyStoppingState | null, weights: Readonly<Record<string, Tensor>>): void {
    if (state !== null) this.#state = { ...state, marks: { ...state.marks } };
    for (const [name, tensor] of Object.entries(weights)) this.#keep(name, tensor);
  }

  dispose(): void {
    for (const tensor of Object.values(this.#weights)) tensor.dispose();
    this.#weights = {};
  }

  #noteBest(metrics: Readonly<Record<string, number>>): void {
    const [first] = this.#metrics as [CheckpointMetric];
    const value = metrics[first.name];
    const isBest = value !== undefined && improves(first, value, this.#state.best ?? undefined);
    if (isBest) this.#state.best = value;
    this.#isBest = isBest && this.#config.restoreBestWeights;
  }

  #improves(metric: CheckpointMetric, value: number): boolean {
    const mark = this.#state.marks[metric.name];
    const { minDelta } = this.#config;
    if (mark === undefined || minDelta === 0) return improves(metric, value, mark);
    return metric.mode === "min" ? value < mark - minDelta : value > mark + minDelta;
  }

  /** In the memory of the weights kept before, where there are any. */
  #keep(name: string, tensor: Tensor): void {
    const kept = this.#weights[name];
    if (kept === undefined) this.#weights[name] = tensor.detach().clone().keep();
    else noGrad(() => kept.copy_(tensor));
  }

  #warnOnce(name: string, metrics: Readonly<Record<string, number>>): void {
    if (this.#hasWarned) return;
    this.#hasWarned = true;
    const { message } = unknownName("Trainer", "a metric of earlyStopping", name, Object.keys(metrics));
    process.emitWarning(`${message} (it does not count until it appears)`);
  }
}

export function createEarlyStopping({ earlyStopping, earlyStoppingConfig }: TrainerConfig): EarlyStopping {
  return earlyStopping ? new MetricsStopping(earlyStoppingConfig) : noEarlyStopping;
}
