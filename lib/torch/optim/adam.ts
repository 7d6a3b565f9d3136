import { expected } from "../../errors.ts";
import { boolean, number, type Partially } from "../../options.ts";
import { type Algorithm, Optimizer, type OptimizerOptions, optimizerDefaults } from "./optimizer.ts";
import type { OptimizerParameters } from "./param-groups.ts";

export interface AdamOptions extends OptimizerOptions {
  /** How much of the averages of the gradient and of its square stays at each step. Default: [0.9, 0.999]. */
  betas: readonly [number, number];
  /** Added to the denominator. Default: 1e-8. */
  eps: number;
  /** L2 penalty: added to the gradient in Adam, taken from the weights in AdamW. Default: 0 in Adam, 0.01 in AdamW. */
  weightDecay: number;
  /** Divide by the largest average of squares so far. Default: false. */
  amsgrad: boolean;
}

export const adam: Algorithm<AdamOptions> = {
  where: "optim.Adam",
  kind: "adam",
  defaults: {
    ...optimizerDefaults,
    lr: 0.001,
    betas: [0.9, 0.999],
    eps: 1e-8,
    amsgrad: false,
  },
  check(where, { betas, eps, amsgrad }) {
    checkBetas(where, betas);
    number(where, "eps", eps, { min: 0 });
    boolean(where, "amsgrad", amsgrad);
  },
};

export function checkBetas(where: string, betas: unknown): void {
  if (!Array.isArray(betas) || betas.length !== 2) throw expected(where, "two numbers", "betas", betas);
  for (const [i, beta] of betas.entries()) number(where, `betas[${i}]`, beta, { min: 0, below: 1 });
}

/**
 * Adam, with the weight decay in the gradient. `lr` is 0.001 by default.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.optim.Adam.html
 */
export class Adam extends Optimizer<AdamOptions> {
  constructor(parameters: OptimizerParameters<AdamOptions>, options?: Partially<AdamOptions>) {
    super(adam, parameters, options);
  }
}
