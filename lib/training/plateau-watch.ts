import { unknownName } from "../errors.ts";
import { Plateau, type PlateauState } from "../torch/optim/reduce-lr-on-plateau.ts";
import type { TrainerConfig } from "./trainer-config.ts";

/** What a watch has seen, to continue from. */
export interface PlateauWatchState {
  plateau: PlateauState;
  /** How often rates have fallen. */
  reductions: number;
}

/** Lowers rates by what evaluations show. */
export interface PlateauWatch {
  /** Takes the metrics of an evaluation. */
  observe(metrics: Readonly<Record<string, number>>): void;
  /** What has become of a rate. */
  reduced(lr: number): number;
  state(): PlateauWatchState | null;
  restore(state: PlateauWatchState | null): void;
}

/** Leaves rates as they are. */
const noWatch: PlateauWatch = { observe() {}, reduced: (lr) => lr, state: () => null, restore() {} };

/** Lowers every rate whenever one metric has stopped to improve. */
class MetricWatch implements PlateauWatch {
  readonly #metric: string;
  readonly #plateau: Plateau;
  #reductions = 0;
  #hasWarned = false;

  constructor({ metric, ...options }: TrainerConfig["lrSchedulerConfig"]["plateauConfig"]) {
    this.#metric = metric;
    this.#plateau = new Plateau(options);
  }

  observe(metrics: Readonly<Record<string, number>>): void {
    const value = metrics[this.#metric];
    if (value === undefined) this.#warnOnce(Object.keys(metrics));
    else if (this.#plateau.step(value)) this.#reductions += 1;
  }

  reduced(lr: number): number {
    let rate = lr;
    for (let i = 0; i < this.#reductions; i++) rate = this.#plateau.reduced(rate);
    return rate;
  }

  state(): PlateauWatchState {
    return { plateau: this.#plateau.state(), reductions: this.#reductions };
  }

  restore(state: PlateauWatchState | null): void {
    if (state === null) return;
    this.#plateau.restore("Trainer.load", state.plateau);
    this.#reductions = state.reductions;
  }

  #warnOnce(names: string[]): void {
    if (this.#hasWarned) return;
    this.#hasWarned = true;
    const { message } = unknownName("Trainer", "plateauConfig.metric", this.#metric, names);
    process.emitWarning(`${message} (the learning rate stays until it appears)`);
  }
}

export function createPlateauWatch({ lrScheduler, lrSchedulerConfig }: TrainerConfig): PlateauWatch {
  return lrScheduler === "plateau" ? new MetricWatch(lrSchedulerConfig.plateauConfig) : noWatch;
}
