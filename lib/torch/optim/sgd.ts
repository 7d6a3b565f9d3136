import { expected } from "../../errors.ts";
import { boolean, number, type Partially } from "../../options.ts";
import type { Tensor } from "../tensor.ts";
import { type Algorithm, Optimizer, type OptimizerOptions } from "./optimizer.ts";

export interface SGDOptions extends OptimizerOptions {
  /** Default: 0. */
  momentum: number;
  /** How much less of the gradient enters the momentum. Default: 0. */
  dampening: number;
  /** L2 penalty. Default: 0. */
  weightDecay: number;
  /** Nesterov's momentum; needs `momentum`, and no `dampening`. Default: false. */
  nesterov: boolean;
}

const sgd: Algorithm<SGDOptions> = {
  where: "optim.SGD",
  kind: "sgd",
  defaults: {
    lr: 0.001,
    momentum: 0,
    dampening: 0,
    weightDecay: 0,
    nesterov: false,
    maximize: false,
    implementation: "fused",
  },
  check(where, { momentum, dampening, weightDecay, nesterov, maximize }) {
    number(where, "momentum", momentum, { min: 0 });
    number(where, "dampening", dampening);
    number(where, "weightDecay", weightDecay, { min: 0 });
    boolean(where, "nesterov", nesterov);
    boolean(where, "maximize", maximize);
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
  constructor(parameters: Iterable<Tensor>, options?: Partially<SGDOptions>) {
    super(sgd, parameters, options);
  }
}
