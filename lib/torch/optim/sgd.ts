import { expected } from "../../errors.ts";
import { boolean, number, type Partially } from "../../options.ts";
import { type Algorithm, Optimizer, type OptimizerOptions, optimizerDefaults } from "./optimizer.ts";
import type { OptimizerParameters } from "./param-groups.ts";

export interface SGDOptions extends OptimizerOptions {
  /** Default: 0. */
  momentum: number;
  /** How much less of the gradient enters the momentum. Default: 0. */
  dampening: number;
  /** Nesterov's momentum; needs `momentum`, and no `dampening`. Default: false. */
  nesterov: boolean;
}

const sgd: Algorithm<SGDOptions> = {
  where: "optim.SGD",
  kind: "sgd",
  defaults: {
    ...optimizerDefaults,
    lr: 0.001,
    momentum: 0,
    dampening: 0,
    nesterov: false,
  },
  check(where, { momentum, dampening, nesterov }) {
    number(where, "momentum", momentum, { min: 0 });
    number(where, "dampening", dampening);
    boolean(where, "nesterov", nesterov);
    if (nesterov && momentum === 0) throw expected(where, "a momentum above 0", "nesterov", momentum);
    if (nesterov && dampening !== 0) throw expected(where, "a dampening of 0", "nesterov", dampening);
  },
};

/**
 * Stochastic gradient descent, with momentum if asked for. `lr` is 0.001 by default.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.optim.SGD.html
 */
export class SGD extends Optimizer<SGDOptions> {
  constructor(parameters: OptimizerParameters<SGDOptions>, options?: Partially<SGDOptions>) {
    super(sgd, parameters, options);
  }
}
