import { type nn, optim } from "../torch/index.ts";
import type { TrainerConfig } from "./trainer-config.ts";

/** The configured optimizer over the parameters of a model that require gradients. */
export function createOptimizer(config: TrainerConfig, model: nn.Module): optim.Optimizer {
  const parameters = [...model.parameters()].filter((parameter) => parameter.requiresGrad);
  const { implementation, sgdConfig, adamConfig, adamwConfig, adamaxConfig } = config.optimizerConfig;
  const common = { lr: config.lr, weightDecay: config.l2, implementation };
  // masterWeights: config.precision === "bf16",
  switch (config.optimizer) {
    case "sgd":
      return new optim.SGD(parameters, { ...common, ...sgdConfig });
    case "adam":
      return new optim.Adam(parameters, { ...common, ...adamConfig });
    case "adamw":
      return new optim.AdamW(parameters, { ...common, ...adamwConfig });
    case "adamax":
      return new optim.Adamax(parameters, { ...common, ...adamaxConfig });
  }
}
