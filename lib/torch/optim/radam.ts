import { boolean, number, type Partially } from "../../options.ts";
import { checkBetas } from "./adam.ts";
import { type Algorithm, Optimizer, type OptimizerOptions, optimizerDefaults } from "./optimizer.ts";
import type { OptimizerParameters } from "./param-groups.ts";

export interface RAdamOptions extends OptimizerOptions {
  /** How much of the averages of the gradient and of its square stays at each step. Default: [0.9, 0.999]. */
  betas: readonly [number, number];
  /** Added to the denominator. Default: 1e-8. */
  eps: number;
  /** Take the weight decay from the weights themselves, as AdamW does, not into the gradient. Default: false. */
  decoupledWeightDecay: boolean;
}

const radam: Algorithm<RAdamOptions> = {
  where: "optim.RAdam",
  kind: "radam",
  defaults: { ...optimizerDefaults, lr: 0.001, betas: [0.9, 0.999], eps: 1e-8, decoupledWeightDecay: false },
  check(where, { betas, eps, decoupledWeightDecay }) {
    checkBetas(where, betas);
    number(where, "eps", eps, { min: 0 });
    boolean(where, "decoupledWeightDecay", decoupledWeightDecay);
  },
};

/**
 * RAdam: Adam that goes by the averages of gradients alone until there are steps enough to tell the variance. `lr` is 0.001
 * by default.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.optim.RAdam.html
 */
export class RAdam extends Optimizer<RAdamOptions> {
  constructor(parameters: OptimizerParameters<RAdamOptions>, options?: Partially<RAdamOptions>) {
    super(radam, parameters, options);
  }
}
