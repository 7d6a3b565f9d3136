import { boolean, number, type Partially } from "../../options.ts";
import { type Algorithm, Optimizer, type OptimizerOptions, optimizerDefaults } from "./optimizer.ts";
import type { OptimizerParameters } from "./param-groups.ts";

export interface RMSpropOptions extends OptimizerOptions {
  /** How much of the average of squares stays at each step. Default: 0.99. */
  alpha: number;
  /** Added to the denominator. Default: 1e-8. */
  eps: number;
  /** Default: 0. */
  momentum: number;
  /** Divide by an estimate of the variance: take the square of the average from the average of squares. Default: false. */
  centered: boolean;
}

const rmsprop: Algorithm<RMSpropOptions> = {
  where: "optim.RMSprop",
  kind: "rmsprop",
  defaults: { ...optimizerDefaults, lr: 0.01, alpha: 0.99, eps: 1e-8, momentum: 0, centered: false },
  check(where, { alpha, eps, momentum, centered }) {
    number(where, "alpha", alpha, { min: 0 });
    number(where, "eps", eps, { min: 0 });
    number(where, "momentum", momentum, { min: 0 });
    boolean(where, "centered", centered);
  },
};

/**
 * RMSprop: divides each gradient by a running root mean square. `lr` is 0.01 by default.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.optim.RMSprop.html
 */
export class RMSprop extends Optimizer<RMSpropOptions> {
  constructor(parameters: OptimizerParameters<RMSpropOptions>, options?: Partially<RMSpropOptions>) {
    super(rmsprop, parameters, options);
  }
}
