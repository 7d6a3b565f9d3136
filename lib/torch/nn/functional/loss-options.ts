import type { Tensor } from "../../tensor.ts";

/** What becomes of the losses of single elements: they stay, or their mean or sum is taken. */
export type Reduction = "none" | "mean" | "sum";

/** The option that all losses have. */
export interface ReductionOptions {
  /** "mean" by default. */
  reduction?: Reduction;
}

/** The defaults of {@link ReductionOptions}. @internal */
export const reductionDefaults: Required<ReductionOptions> = { reduction: "mean" };

/** Options of `nllLoss`. */
export interface NLLLossOptions extends ReductionOptions {
  /** A weight for each class: [classes]. */
  weight?: Tensor | null;
  /** Rows with this label do not count; -100 by default. */
  ignoreIndex?: number;
}

/** The defaults of {@link NLLLossOptions}. @internal */
export const nllLossDefaults: Required<NLLLossOptions> = {
  ...reductionDefaults,
  weight: null,
  ignoreIndex: -100,
};

/** Options of `crossEntropy`. */
export interface CrossEntropyOptions extends NLLLossOptions {
  /** How much of the target is spread over all classes: 0 (the default) to 1. */
  labelSmoothing?: number;
}

/** The defaults of {@link CrossEntropyOptions}. @internal */
export const crossEntropyDefaults: Required<CrossEntropyOptions> = { ...nllLossDefaults, labelSmoothing: 0 };

/** Options of `linearCrossEntropy`. */
export interface LinearCrossEntropyOptions extends Omit<CrossEntropyOptions, "ignoreIndex"> {
  /** Rows with this label do not count; null (-100, and none for probabilities) by default. */
  ignoreIndex?: number | null;
}

/** The defaults of {@link LinearCrossEntropyOptions}. @internal */
export const linearCrossEntropyDefaults: Required<LinearCrossEntropyOptions> = {
  ...crossEntropyDefaults,
  ignoreIndex: null,
};

/** Options of `binaryCrossEntropy`. */
export interface BinaryCrossEntropyOptions extends ReductionOptions {
  /** A weight for each element, of a shape that fits the target's. */
  weight?: Tensor | null;
}

/** The defaults of {@link BinaryCrossEntropyOptions}. @internal */
export const binaryCrossEntropyDefaults: Required<BinaryCrossEntropyOptions> = {
  ...reductionDefaults,
  weight: null,
};

/** Options of `binaryCrossEntropyWithLogits`. */
export interface BinaryCrossEntropyWithLogitsOptions extends BinaryCrossEntropyOptions {
  /** A weight for the positives of each class. */
  posWeight?: Tensor | null;
}

/** The defaults of {@link BinaryCrossEntropyWithLogitsOptions}. @internal */
export const binaryCrossEntropyWithLogitsDefaults: Required<BinaryCrossEntropyWithLogitsOptions> = {
  ...binaryCrossEntropyDefaults,
  posWeight: null,
};

/** Options of `klDiv`. */
export interface KLDivOptions {
  /** "mean" (the default) divides by the number of elements; "batchmean", as the definition asks, by the batch alone. */
  reduction?: Reduction | "batchmean";
  /** Whether the target holds log-probabilities; false by default. */
  logTarget?: boolean;
}

/** The defaults of {@link KLDivOptions}. @internal */
export const klDivDefaults: Required<KLDivOptions> = { reduction: "mean", logTarget: false };

/** Options of the losses that have a margin. */
export interface MarginOptions extends ReductionOptions {
  /** By how much the loss wants them apart. */
  margin?: number;
}

/** For marginRankingLoss and cosineEmbeddingLoss. @internal */
export const noMarginDefaults: Required<MarginOptions> = { ...reductionDefaults, margin: 0 };

/** For hingeEmbeddingLoss. @internal */
export const marginDefaults: Required<MarginOptions> = { ...reductionDefaults, margin: 1 };

/** Options of `multiMarginLoss`. */
export interface MultiMarginLossOptions extends MarginOptions {
  /** The power of what is missing to the margin: 1 (the default) or 2. */
  p?: 1 | 2;
  /** A weight for each class: [classes]. */
  weight?: Tensor | null;
}

/** The defaults of {@link MultiMarginLossOptions}. @internal */
export const multiMarginDefaults: Required<MultiMarginLossOptions> = {
  ...marginDefaults,
  p: 1,
  weight: null,
};

/** Options of `tripletMarginLoss`. */
export interface TripletMarginLossOptions extends MarginOptions {
  /** The p of the norm of differences; 2 by default. */
  p?: number;
  /** What is added to every difference; 1e-6 by default. */
  eps?: number;
  /** Whether the positive takes the anchor's place where it is closer to the negative; false by default. */
  swap?: boolean;
}

/** The defaults of {@link TripletMarginLossOptions}. @internal */
export const tripletMarginDefaults: Required<TripletMarginLossOptions> = {
  ...marginDefaults,
  p: 2,
  eps: 1e-6,
  swap: false,
};

/** How far two tensors [..., features] are apart: [...]; a function or a module. */
export type Distance = ((a: Tensor, b: Tensor) => Tensor) | { forward(a: Tensor, b: Tensor): Tensor };

/** Options of `tripletMarginWithDistanceLoss`. */
export interface TripletMarginWithDistanceLossOptions extends MarginOptions {
  /** null, the Euclidean one, by default. */
  distanceFunction?: Distance | null;
  /** Whether the positive takes the anchor's place where it is closer to the negative; false by default. */
  swap?: boolean;
}

/** The defaults of {@link TripletMarginWithDistanceLossOptions}. @internal */
export const tripletMarginWithDistanceDefaults: Required<TripletMarginWithDistanceLossOptions> = {
  ...marginDefaults,
  distanceFunction: null,
  swap: false,
};

/** Options of `ctcLoss`. */
export interface CTCLossOptions extends ReductionOptions {
  /** The class that stands for no label; 0 by default. */
  blank?: number;
  /** Whether infinite losses (targets too long for their inputs) and their gradients become 0; false by default. */
  zeroInfinity?: boolean;
}

/** The defaults of {@link CTCLossOptions}. @internal */
export const ctcDefaults: Required<CTCLossOptions> = { ...reductionDefaults, blank: 0, zeroInfinity: false };

/** Options of `poissonNllLoss`. */
export interface PoissonNLLLossOptions extends ReductionOptions {
  /** Whether the input is the rate's logarithm; true by default. */
  logInput?: boolean;
  /** Whether Stirling's approximation of the target's factorial is added; false by default. */
  full?: boolean;
  /** What is added to a rate before its logarithm is taken; 1e-8 by default. */
  eps?: number;
}

/** The defaults of {@link PoissonNLLLossOptions}. @internal */
export const poissonDefaults: Required<PoissonNLLLossOptions> = {
  ...reductionDefaults,
  logInput: true,
  full: false,
  eps: 1e-8,
};

/** Options of `gaussianNllLoss`. */
export interface GaussianNLLLossOptions extends ReductionOptions {
  /** Whether the constant term is added; false by default. */
  full?: boolean;
  /** The least variance that is reckoned with; 1e-6 by default. */
  eps?: number;
}

/** The defaults of {@link GaussianNLLLossOptions}. @internal */
export const gaussianDefaults: Required<GaussianNLLLossOptions> = {
  ...reductionDefaults,
  full: false,
  eps: 1e-6,
};

/** Options of the focal losses. */
export interface FocusOptions extends ReductionOptions {
  /** How much less the well-classified count: the power of what is missing to certainty; 2 by default. */
  gamma?: number;
}

/** Options of `sigmoidFocalLoss`. */
export interface SigmoidFocalLossOptions extends FocusOptions {
  /** The weight of positives, 0 to 1, against that of negatives; -1 for none. 0.25 by default. */
  alpha?: number;
}

/** The defaults of {@link SigmoidFocalLossOptions}. @internal */
export const sigmoidFocalDefaults: Required<SigmoidFocalLossOptions> = {
  reduction: "none",
  gamma: 2,
  alpha: 0.25,
};

/** Options of `focalLoss`. */
export interface FocalLossOptions extends FocusOptions {
  /** A weight for each class, the paper's alpha: [classes]; null, none, by default. */
  weight?: Tensor | null;
  /** Elements with this label do not count; -100 by default. */
  ignoreIndex?: number;
}

/** The defaults of {@link FocalLossOptions}. @internal */
export const focalDefaults: Required<FocalLossOptions> = { ...nllLossDefaults, gamma: 2 };
