import { type nn, optim } from "../torch/index.ts";
import type { TrainedGroup } from "./param-groups.ts";
import type { TrainerConfig } from "./trainer-config.ts";

const classes = {
  sgd: optim.SGD,
  adam: optim.Adam,
  adamw: optim.AdamW,
  adamax: optim.Adamax,
  rmsprop: optim.RMSprop,
  adagrad: optim.Adagrad,
  nadam: optim.NAdam,
  radam: optim.RAdam,
} as const;

/** The configured optimizer over groups of a model's parameters. It clips by the norm over the model's own order. */
export function createOptimizer(
  config: TrainerConfig,
  model: nn.Module,
  groups: readonly TrainedGroup[],
): optim.Optimizer {
  const { implementation } = config.optimizerConfig;
  const own = config.optimizerConfig[`${config.optimizer}Config`];
  const given = groups.map(({ parameters, lr, l2 }) => ({ params: parameters, lr, weightDecay: l2 }));
  const optimizer = new classes[config.optimizer](given, {
    ...own,
    implementation,
    masterWeights: config.precision === "bf16",
  });
  const trained = new Set(optimizer.parameters);
  optimizer.setGradientOrder(model.parameters().filter((parameter) => trained.has(parameter)));
  return optimizer;
}
