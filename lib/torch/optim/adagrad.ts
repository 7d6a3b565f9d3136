import { number, type Partially } from "../../options.ts";
import { type Algorithm, Optimizer, type OptimizerOptions, optimizerDefaults } from "./optimizer.ts";
import type { OptimizerParameters } from "./param-groups.ts";

export interface AdagradOptions extends OptimizerOptions {
  /** Divides the rate of the n-th step by 1 + (n - 1) * lrDecay. Default: 0. */
  lrDecay: number;
  /** What the sum of squares starts from. Default: 0. */
  initialAccumulatorValue: number;
  /** Added to the denominator. Default: 1e-10. */
  eps: number;
}

const adagrad: Algorithm<AdagradOptions> = {
  where: "optim.Adagrad",
  kind: "adagrad",
  defaults: { ...optimizerDefaults, lr: 0.01, lrDecay: 0, initialAccumulatorValue: 0, eps: 1e-10 },
  check(where, { lrDecay, initialAccumulatorValue, eps }) {
    number(where, "lrDecay", lrDecay, { min: 0 });
    number(where, "initialAccumulatorValue", initialAccumulatorValue, { min: 0 });
    number(where, "eps", eps, { min: 0 });
  },
};

/**
 * Adagrad: divides each gradient by the root of the sum of all its squares. `lr` is 0.01 by default. Its state is made at a
 * parameter's first gradient, in Python at construction; either is taken by the other.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.optim.Adagrad.html
 */
export class Adagrad extends Optimizer<AdagradOptions> {
  constructor(parameters: OptimizerParameters<AdagradOptions>, options?: Partially<AdagradOptions>) {
    super(adagrad, parameters, options);
  }
}
