import { boolean, number, type Partially } from "../../options.ts";
import type { Tensor } from "../tensor.ts";
import { checkBetas } from "./adam.ts";
import { type Algorithm, Optimizer, type OptimizerOptions } from "./optimizer.ts";

export interface AdamaxOptions extends OptimizerOptions {
  /** How much of the gradient's average and of its largest size stays at each step. Default: [0.9, 0.999]. */
  betas: readonly [number, number];
  /** Added to the size of each gradient. Default: 1e-8. */
  eps: number;
  /** L2 penalty. Default: 0. */
  weightDecay: number;
}

const adamax: Algorithm<AdamaxOptions> = {
  where: "optim.Adamax",
  kind: "adamax",
  defaults: {
    lr: 0.002,
    betas: [0.9, 0.999],
    eps: 1e-8,
    weightDecay: 0,
    maximize: false,
    implementation: "fused",
  },
  check(where, { betas, eps, weightDecay, maximize }) {
    checkBetas(where, betas);
    number(where, "eps", eps, { min: 0 });
    number(where, "weightDecay", weightDecay, { min: 0 });
    boolean(where, "maximize", maximize);
  },
};

/**
 * Adamax: Adam with the largest gradient in place of the average of squares. `lr` is 0.002 by default.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.optim.Adamax.html
 */
export class Adamax extends Optimizer<AdamaxOptions> {
  constructor(parameters: Iterable<Tensor>, options?: Partially<AdamaxOptions>) {
    super(adamax, parameters, options);
  }
}
