// Optimizers of every kind, each by its name.
import { optim, type Tensor } from "../../../lib/torch/index.ts";

type MakeOptimizer = (parameters: Tensor[], implementation: "fused" | "foreach") => optim.Optimizer;
export const optimizers: Record<string, MakeOptimizer> = {
  SGD: (parameters, implementation) => new optim.SGD(parameters, { implementation }),
  "SGD with momentum": (parameters, implementation) =>
    new optim.SGD(parameters, { implementation, momentum: 0.9, dampening: 0.1, weightDecay: 0.01 }),
  "SGD with Nesterov's momentum": (parameters, implementation) =>
    new optim.SGD(parameters, { implementation, momentum: 0.9, nesterov: true, weightDecay: 0.01 }),
  Adam: (parameters, implementation) => new optim.Adam(parameters, { implementation }),
  "Adam with amsgrad": (parameters, implementation) =>
    new optim.Adam(parameters, { implementation, amsgrad: true, maximize: true }),
  AdamW: (parameters, implementation) => new optim.AdamW(parameters, { implementation }),
  Adamax: (parameters, implementation) => new optim.Adamax(parameters, { implementation }),
  RMSprop: (parameters, implementation) => new optim.RMSprop(parameters, { implementation, centered: true }),
  Adagrad: (parameters, implementation) => new optim.Adagrad(parameters, { implementation }),
  NAdam: (parameters, implementation) => new optim.NAdam(parameters, { implementation }),
  RAdam: (parameters, implementation) => new optim.RAdam(parameters, { implementation }),
  "Adam of two groups": (parameters, implementation) =>
    new optim.Adam([{ params: parameters.slice(3) }, { params: parameters.slice(0, 3), weightDecay: 0.1 }], {
      implementation,
    }),
};
