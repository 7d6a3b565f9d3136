import { boolean, number, type Partially } from "../../options.ts";
import { checkBetas } from "./adam.ts";
import { type Algorithm, Optimizer, type OptimizerOptions, optimizerDefaults } from "./optimizer.ts";
import type { OptimizerParameters } from "./param-groups.ts";

export interface NAdamOptions extends OptimizerOptions {
  /** How much of the averages of the gradient and of its square stays at each step. Default: [0.9, 0.999]. */
  betas: readonly [number, number];
  /** Added to the denominator. Default: 1e-8. */
  eps: number;
  /** How fast the momentum rises to its full weight. Default: 0.004. */
  momentumDecay: number;
  /** Take the weight decay from the weights themselves, as AdamW does, not into the gradient. Default: false. */
  decoupledWeightDecay: boolean;
}

const nadam: Algorithm<NAdamOptions> = {
  where: "optim.NAdam",
  kind: "nadam",
  defaults: {
    ...optimizerDefaults,
    lr: 0.002,
    betas: [0.9, 0.999],
    eps: 1e-8,
    momentumDecay: 4e-3,
    decoupledWeightDecay: false,
  },
  check(where, { betas, eps, momentumDecay, decoupledWeightDecay }) {
    checkBetas(where, betas);
    number(where, "eps", eps, { min: 0 });
    number(where, "momentumDecay", momentumDecay, { min: 0 });
    boolean(where, "decoupledWeightDecay", decoupledWeightDecay);
  },
};

/**
 * NAdam: Adam with Nesterov's momentum. `lr` is 0.002 by default.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.optim.NAdam.html
 */
export class NAdam extends Optimizer<NAdamOptions> {
  constructor(parameters: OptimizerParameters<NAdamOptions>, options?: Partially<NAdamOptions>) {
    super(nadam, parameters, options);
  }
}
