import type { Partially } from "../../options.ts";
import { type AdamOptions, adam } from "./adam.ts";
import { type Algorithm, Optimizer } from "./optimizer.ts";
import type { OptimizerParameters } from "./param-groups.ts";

const adamw: Algorithm<AdamOptions> = {
  ...adam,
  where: "optim.AdamW",
  kind: "adamw",
  defaults: { ...adam.defaults, weightDecay: 0.01 },
};

/**
 * Adam whose weight decay acts on the weights themselves. `lr` is 0.001 and `weightDecay` 0.01 by default.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.optim.AdamW.html
 */
export class AdamW extends Optimizer<AdamOptions> {
  constructor(parameters: OptimizerParameters<AdamOptions>, options?: Partially<AdamOptions>) {
    super(adamw, parameters, options);
  }
}
