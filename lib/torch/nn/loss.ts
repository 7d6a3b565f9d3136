import {
  binaryCrossEntropy,
  binaryCrossEntropyWithLogits,
  crossEntropy,
  huberLoss,
  klDiv,
  l1Loss,
  mseLoss,
  nllLoss,
  smoothL1Loss,
} from "./functional/loss.ts";
import {
  type BinaryCrossEntropyOptions,
  type BinaryCrossEntropyWithLogitsOptions,
  binaryCrossEntropyDefaults,
  binaryCrossEntropyWithLogitsDefaults,
  type CrossEntropyOptions,
  crossEntropyDefaults,
  type KLDivOptions,
  klDivDefaults,
  type NLLLossOptions,
  nllLossDefaults,
  type ReductionOptions,
  reductionDefaults,
} from "./functional/loss-options.ts";
import { Loss } from "./loss-module.ts";

/** See `functional.crossEntropy`. @see https://pytorch.org/docs/stable/generated/torch.nn.CrossEntropyLoss.html */
export class CrossEntropyLoss extends Loss<CrossEntropyOptions> {
  constructor(options?: CrossEntropyOptions) {
    super("nn.CrossEntropyLoss", crossEntropy, crossEntropyDefaults, options);
  }
}

/** See `functional.nllLoss`. @see https://pytorch.org/docs/stable/generated/torch.nn.NLLLoss.html */
export class NLLLoss extends Loss<NLLLossOptions> {
  constructor(options?: NLLLossOptions) {
    super("nn.NLLLoss", nllLoss, nllLossDefaults, options);
  }
}

/** See `functional.binaryCrossEntropy`. @see https://pytorch.org/docs/stable/generated/torch.nn.BCELoss.html */
export class BCELoss extends Loss<BinaryCrossEntropyOptions> {
  constructor(options?: BinaryCrossEntropyOptions) {
    super("nn.BCELoss", binaryCrossEntropy, binaryCrossEntropyDefaults, options);
  }
}

/**
 * See `functional.binaryCrossEntropyWithLogits`.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.BCEWithLogitsLoss.html
 */
export class BCEWithLogitsLoss extends Loss<BinaryCrossEntropyWithLogitsOptions> {
  constructor(options?: BinaryCrossEntropyWithLogitsOptions) {
    const defaults = binaryCrossEntropyWithLogitsDefaults;
    super("nn.BCEWithLogitsLoss", binaryCrossEntropyWithLogits, defaults, options);
  }
}

/** See `functional.mseLoss`. @see https://pytorch.org/docs/stable/generated/torch.nn.MSELoss.html */
export class MSELoss extends Loss<ReductionOptions> {
  constructor(options?: ReductionOptions) {
    super("nn.MSELoss", mseLoss, reductionDefaults, options);
  }
}

/** See `functional.l1Loss`. @see https://pytorch.org/docs/stable/generated/torch.nn.L1Loss.html */
export class L1Loss extends Loss<ReductionOptions> {
  constructor(options?: ReductionOptions) {
    super("nn.L1Loss", l1Loss, reductionDefaults, options);
  }
}

/** See `functional.smoothL1Loss`. @see https://pytorch.org/docs/stable/generated/torch.nn.SmoothL1Loss.html */
export class SmoothL1Loss extends Loss<ReductionOptions & { beta?: number }> {
  constructor(options?: ReductionOptions & { beta?: number }) {
    super("nn.SmoothL1Loss", smoothL1Loss, { ...reductionDefaults, beta: 1 }, options);
  }
}

/** See `functional.huberLoss`. @see https://pytorch.org/docs/stable/generated/torch.nn.HuberLoss.html */
export class HuberLoss extends Loss<ReductionOptions & { delta?: number }> {
  constructor(options?: ReductionOptions & { delta?: number }) {
    super("nn.HuberLoss", huberLoss, { ...reductionDefaults, delta: 1 }, options);
  }
}

/** See `functional.klDiv`. @see https://pytorch.org/docs/stable/generated/torch.nn.KLDivLoss.html */
export class KLDivLoss extends Loss<KLDivOptions> {
  constructor(options?: KLDivOptions) {
    super("nn.KLDivLoss", klDiv, klDivDefaults, options);
  }
}
