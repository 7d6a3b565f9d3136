import { expected } from "../../errors.ts";
import { mergeOptions, number, oneOf } from "../../options.ts";

/** Options of {@link ReduceLROnPlateau}. */
export interface PlateauOptions {
  /** Whether the metric is to fall or to rise. Default: "min". */
  mode: "min" | "max";
  /** What a rate is multiplied by; below 1. Default: 0.1. */
  factor: number;
  /** How many values in a row may be no better before a rate falls. Default: 10. */
  patience: number;
  /** How much better a value must be to count. Default: 1e-4. */
  threshold: number;
  /** Whether the threshold is a share of the best value ("rel", the default) or a difference to it ("abs"). */
  thresholdMode: "rel" | "abs";
  /** For how many values nothing is counted after a rate fell. Default: 0. */
  cooldown: number;
  /** No rate falls below it. Default: 0. */
  minLr: number;
  /** A rate that would fall by less stays. Default: 1e-8. */
  eps: number;
}

/** What a plateau has seen so far, in Python's spelling. */
export interface PlateauState {
  best: number;
  cooldown_counter: number;
  num_bad_epochs: number;
  last_epoch: number;
}

export const plateauDefaults: PlateauOptions = {
  mode: "min",
  factor: 0.1,
  patience: 10,
  threshold: 1e-4,
  thresholdMode: "rel",
  cooldown: 0,
  minLr: 0,
  eps: 1e-8,
};

export function checkPlateau(where: string, options: PlateauOptions): void {
  oneOf(where, "mode", options.mode, ["min", "max"]);
  number(where, "factor", options.factor, { min: 0, below: 1 });
  number(where, "patience", options.patience, { min: 0, integer: true });
  number(where, "threshold", options.threshold, { min: 0 });
  oneOf(where, "thresholdMode", options.thresholdMode, ["rel", "abs"]);
  number(where, "cooldown", options.cooldown, { min: 0, integer: true });
  number(where, "minLr", options.minLr, { min: 0 });
  number(where, "eps", options.eps, { min: 0 });
}

/** Follows a metric, and says when rates are to fall. */
export class Plateau {
  readonly options: PlateauOptions;
  #state: PlateauState;

  constructor(options: PlateauOptions) {
    this.options = options;
    const best = options.mode === "min" ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
    this.#state = { best, cooldown_counter: 0, num_bad_epochs: 0, last_epoch: 0 };
  }

  /** Takes a value of the metric. True if rates are to fall now. */
  step(metric: number): boolean {
    const { patience, cooldown } = this.options;
    const state = this.#state;
    state.last_epoch += 1;
    if (this.#isBetter(metric)) {
      state.best = metric;
      state.num_bad_epochs = 0;
    } else {
      state.num_bad_epochs += 1;
    }
    if (state.cooldown_counter > 0) {
      state.cooldown_counter -= 1;
      state.num_bad_epochs = 0;
    }
    if (state.num_bad_epochs <= patience) return false;
    state.cooldown_counter = cooldown;
    state.num_bad_epochs = 0;
    return true;
  }

  /** What a rate falls to. */
  reduced(lr: number): number {
    const { factor, minLr, eps } = this.options;
    const reduced = Math.max(lr * factor, minLr);
    return lr - reduced > eps ? reduced : lr;
  }

  state(): PlateauState {
    return { ...this.#state };
  }

  restore(where: string, { best, ...counters }: PlateauState): void {
    if (typeof best !== "number") throw expected(where, "a number", "best", best);
    const { cooldown_counter, num_bad_epochs, last_epoch } = counters;
    for (const [name, value] of Object.entries({ cooldown_counter, num_bad_epochs, last_epoch }))
      number(where, name, value, { min: 0, integer: true });
    this.#state = { best, cooldown_counter, num_bad_epochs, last_epoch };
  }

  #isBetter(metric: number): boolean {
    const { mode, threshold, thresholdMode } = this.options;
    const { best } = this.#state;
    if (thresholdMode === "rel")
      return mode === "min" ? metric < best * (1 - threshold) : metric > best * (threshold + 1);
    return mode === "min" ? metric < best - threshold : metric > best + threshold;
  }
}

/**
 * Lowers an optimizer's rate whenever a metric has stopped to improve:
 *
 *     const plateau = new torch.optim.ReduceLROnPlateau(optimizer, { patience: 3 });
 *     ... // after each epoch
 *     plateau.step(validationLoss);
 *
 * The rates equal PyTorch's to the bit.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.ReduceLROnPlateau.html
 */
export class ReduceLROnPlateau {
  readonly #optimizer: { lr: number };
  readonly #plateau: Plateau;

  /** @throws TypeError for an unknown option, or a value out of its range. */
  constructor(optimizer: { lr: number }, options?: Partial<PlateauOptions>) {
    const where = "optim.ReduceLROnPlateau";
    number(where, "optimizer.lr", optimizer?.lr, { min: 0 });
    const merged = mergeOptions(where, plateauDefaults, options);
    checkPlateau(where, merged);
    this.#optimizer = optimizer;
    this.#plateau = new Plateau(merged);
  }

  /** Takes a value of the metric, and lowers the rate if that is due. NaN is no improvement. */
  step(metric: number): void {
    if (typeof metric !== "number")
      throw expected("optim.ReduceLROnPlateau.step", "a number", "metric", metric);
    if (this.#plateau.step(metric)) this.#optimizer.lr = this.#plateau.reduced(this.#optimizer.lr);
  }

  /** What was seen so far, under PyTorch's names. The rate is in the optimizer's state. */
  stateDict(): PlateauState {
    return this.#plateau.state();
  }

  /** Goes on from an earlier state, such as PyTorch's own; what else that one holds is passed over. */
  loadStateDict(state: PlateauState): void {
    this.#plateau.restore("optim.ReduceLROnPlateau.loadStateDict", state);
  }
}
