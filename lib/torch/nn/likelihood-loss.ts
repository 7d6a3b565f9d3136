import type { Tensor } from "../tensor.ts";
import { checkFocal, checkSigmoidFocal, focalLoss, sigmoidFocalLoss } from "./functional/focal-loss.ts";
import { ctcLoss, gaussianNllLoss, poissonNllLoss } from "./functional/likelihood-loss.ts";
import {
  type CTCLossOptions,
  ctcDefaults,
  type FocalLossOptions,
  focalDefaults,
  type GaussianNLLLossOptions,
  gaussianDefaults,
  type PoissonNLLLossOptions,
  poissonDefaults,
  type SigmoidFocalLossOptions,
  sigmoidFocalDefaults,
} from "./functional/loss-options.ts";
import { Loss } from "./loss-module.ts";

/** @inline */
type Lengths = Tensor | readonly number[];

/** See `functional.ctcLoss`. @see https://pytorch.org/docs/stable/generated/torch.nn.CTCLoss.html */
export class CTCLoss extends Loss<
  CTCLossOptions,
  [logProbs: Tensor, targets: Tensor, inputLengths: Lengths, targetLengths: Lengths]
> {
  constructor(options?: CTCLossOptions) {
    super("nn.CTCLoss", ctcLoss, ctcDefaults, options);
  }
}

/** See `functional.poissonNllLoss`. @see https://pytorch.org/docs/stable/generated/torch.nn.PoissonNLLLoss.html */
export class PoissonNLLLoss extends Loss<PoissonNLLLossOptions> {
  constructor(options?: PoissonNLLLossOptions) {
    super("nn.PoissonNLLLoss", poissonNllLoss, poissonDefaults, options);
  }
}

/** See `functional.gaussianNllLoss`. @see https://pytorch.org/docs/stable/generated/torch.nn.GaussianNLLLoss.html */
export class GaussianNLLLoss extends Loss<
  GaussianNLLLossOptions,
  [input: Tensor, target: Tensor, variance: Tensor | number]
> {
  constructor(options?: GaussianNLLLossOptions) {
    super("nn.GaussianNLLLoss", gaussianNllLoss, gaussianDefaults, options);
  }
}

/** torchvision's binary focal loss as a module: see `functional.sigmoidFocalLoss`. */
export class SigmoidFocalLoss extends Loss<SigmoidFocalLossOptions> {
  constructor(options?: SigmoidFocalLossOptions) {
    super("nn.SigmoidFocalLoss", sigmoidFocalLoss, sigmoidFocalDefaults, options);
    checkSigmoidFocal("nn.SigmoidFocalLoss", this.options);
  }
}

/** The focal loss of several classes, which PyTorch does not have: see `functional.focalLoss`. */
export class FocalLoss extends Loss<FocalLossOptions> {
  constructor(options?: FocalLossOptions) {
    super("nn.FocalLoss", focalLoss, focalDefaults, options);
    checkFocal("nn.FocalLoss", this.options);
  }
}
