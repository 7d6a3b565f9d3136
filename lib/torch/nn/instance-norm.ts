import { type BatchNormOptions, batchNormDefaults, RunningNorm } from "./normalization.ts";

/** As for BatchNorm, but that by default it learns nothing and keeps no running statistics. */
export type InstanceNormOptions = BatchNormOptions;

const defaults = { ...batchNormDefaults, affine: false, trackRunningStats: false };

/**
 * Normalizes each channel of each sample: [batch, channels, length], or without the batch.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.InstanceNorm1d.html
 */
export class InstanceNorm1d extends RunningNorm {
  constructor(numFeatures: number, options?: InstanceNormOptions) {
    super("InstanceNorm1d", numFeatures, defaults, options);
  }
}

/**
 * Normalizes each channel of each sample: [batch, channels, height, width], or without the batch.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.InstanceNorm2d.html
 */
export class InstanceNorm2d extends RunningNorm {
  constructor(numFeatures: number, options?: InstanceNormOptions) {
    super("InstanceNorm2d", numFeatures, defaults, options);
  }
}

/**
 * Normalizes each channel of each sample: [batch, channels, depth, height, width], or without the batch.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.InstanceNorm3d.html
 */
export class InstanceNorm3d extends RunningNorm {
  constructor(numFeatures: number, options?: InstanceNormOptions) {
    super("InstanceNorm3d", numFeatures, defaults, options);
  }
}
