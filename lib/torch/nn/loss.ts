import { mergeOptions } from "../../options.ts";
import type { Tensor } from "../tensor.ts";
import {
  type BinaryCrossEntropyOptions,
  type BinaryCrossEntropyWithLogitsOptions,
  binaryCrossEntropy,
  binaryCrossEntropyWithLogits,
  type CrossEntropyOptions,
  crossEntropy,
  huberLoss,
  type KLDivOptions,
  klDiv,
  l1Loss,
  mseLoss,
  type NLLLossOptions,
  nllLoss,
  type Reduction,
  type ReductionOptions,
  smoothL1Loss,
} from "./functional/loss.ts";
import { Module } from "./module.ts";

type LossFunction<Options> = (input: Tensor, target: Tensor, options?: Options) => Tensor;

/** A loss as a module: its function, with the options it was made with. Weights in them are buffers, which move with it. */
abstract class Loss<Options extends object> extends Module {
  readonly options: Readonly<Options>;
  readonly #compute: LossFunction<Options>;
  readonly #weights: readonly string[];

  constructor(
    where: string,
    compute: LossFunction<Options>,
    defaults: Options,
    given: Partial<Options> | undefined,
  ) {
    super();
    const options = mergeOptions(where, defaults, given as object) as Options;
    const weights = Object.entries(options).filter(([name]) => name === "weight" || name === "posWeight");
    for (const [name, tensor] of weights) this.registerBuffer(stateName(name), tensor);
    this.#weights = weights.map(([name]) => name);
    this.#compute = compute;
    this.options = options;
  }

  override forward(input: Tensor, target: Tensor): Tensor {
    const weights = this.#weights.map((name) => [name, Reflect.get(this, stateName(name))]);
    return this.#compute(input, target, { ...this.options, ...Object.fromEntries(weights) });
  }
}

function stateName(name: string): string {
  return name === "posWeight" ? "pos_weight" : name;
}

const reduced = { reduction: "mean" as Reduction };
const weighted = { ...reduced, weight: null as Tensor | null };

/** See `functional.crossEntropy`. @see https://pytorch.org/docs/stable/generated/torch.nn.CrossEntropyLoss.html */
export class CrossEntropyLoss extends Loss<CrossEntropyOptions> {
  constructor(options?: CrossEntropyOptions) {
    super(
      "nn.CrossEntropyLoss",
      crossEntropy,
      { ...weighted, ignoreIndex: -100, labelSmoothing: 0 },
      options,
    );
  }
}

/** See `functional.nllLoss`. @see https://pytorch.org/docs/stable/generated/torch.nn.NLLLoss.html */
export class NLLLoss extends Loss<NLLLossOptions> {
  constructor(options?: NLLLossOptions) {
    super("nn.NLLLoss", nllLoss, { ...weighted, ignoreIndex: -100 }, options);
  }
}

/** See `functional.binaryCrossEntropy`. @see https://pytorch.org/docs/stable/generated/torch.nn.BCELoss.html */
export class BCELoss extends Loss<BinaryCrossEntropyOptions> {
  constructor(options?: BinaryCrossEntropyOptions) {
    super("nn.BCELoss", binaryCrossEntropy, weighted, options);
  }
}

/**
 * See `functional.binaryCrossEntropyWithLogits`.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.BCEWithLogitsLoss.html
 */
export class BCEWithLogitsLoss extends Loss<BinaryCrossEntropyWithLogitsOptions> {
  constructor(options?: BinaryCrossEntropyWithLogitsOptions) {
    super("nn.BCEWithLogitsLoss", binaryCrossEntropyWithLogits, { ...weighted, posWeight: null }, options);
  }
}

/** See `functional.mseLoss`. @see https://pytorch.org/docs/stable/generated/torch.nn.MSELoss.html */
export class MSELoss extends Loss<ReductionOptions> {
  constructor(options?: ReductionOptions) {
    super("nn.MSELoss", mseLoss, reduced, options);
  }
}

/** See `functional.l1Loss`. @see https://pytorch.org/docs/stable/generated/torch.nn.L1Loss.html */
export class L1Loss extends Loss<ReductionOptions> {
  constructor(options?: ReductionOptions) {
    super("nn.L1Loss", l1Loss, reduced, options);
  }
}

/** See `functional.smoothL1Loss`. @see https://pytorch.org/docs/stable/generated/torch.nn.SmoothL1Loss.html */
export class SmoothL1Loss extends Loss<ReductionOptions & { beta?: number }> {
  constructor(options?: ReductionOptions & { beta?: number }) {
    super("nn.SmoothL1Loss", smoothL1Loss, { ...reduced, beta: 1 }, options);
  }
}

/** See `functional.huberLoss`. @see https://pytorch.org/docs/stable/generated/torch.nn.HuberLoss.html */
export class HuberLoss extends Loss<ReductionOptions & { delta?: number }> {
  constructor(options?: ReductionOptions & { delta?: number }) {
    super("nn.HuberLoss", huberLoss, { ...reduced, delta: 1 }, options);
  }
}

/** See `functional.klDiv`. @see https://pytorch.org/docs/stable/generated/torch.nn.KLDivLoss.html */
export class KLDivLoss extends Loss<KLDivOptions> {
  constructor(options?: KLDivOptions) {
    super("nn.KLDivLoss", klDiv, { reduction: "mean", logTarget: false }, options);
  }
}
