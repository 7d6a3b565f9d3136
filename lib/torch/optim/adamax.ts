import { number, type Partially } from "../../options.ts";
import { checkBetas } from "./adam.ts";
import { type Algorithm, Optimizer, type OptimizerOptions, optimizerDefaults } from "./optimizer.ts";
import type { OptimizerParameters } from "./param-groups.ts";

export interface AdamaxOptions extends OptimizerOptions {
  /** How much of the gradient's average and of its largest size stays at each step. Default: [0.9, 0.999]. */
  betas: readonly [number, number];
  /** Added to the size of each gradient. Default: 1e-8. */
  eps: number;
}

const adamax: Algorithm<AdamaxOptions> = {
  where: "optim.Adamax",
  kind: "adamax",
  defaults: {
    ...optimizerDefaults,
    lr: 0.002,
    betas: [0.9, 0.999],
    eps: 1e-8,
  },
  check(where, { betas, eps }) {
    checkBetas(where, betas);
    number(where, "eps", eps, { min: 0 });
  },
};

/**
 * Adamax: Adam with the largest gradient in place of the average of squares. `lr` is 0.002 by default.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.optim.Adamax.html
 */
export class Adamax extends Optimizer<AdamaxOptions> {
  constructor(parameters: OptimizerParameters<AdamaxOptions>, options?: Partially<AdamaxOptions>) {
    super(adamax, parameters, options);
  }
}
