import { expected } from "../../errors.ts";
import { formatFloat } from "../../format-float.ts";
import { boolean, mergeOptions, number } from "../../options.ts";
import { noGrad } from "../autograd.ts";
import { native } from "../native.ts";
import type { Tensor } from "../tensor.ts";
import type { Copier } from "./deep-copy.ts";
import { type FactoryOptions, factoryDefaults } from "./factory.ts";
import { UnaryModule } from "./native-module.ts";
import type { Parameter } from "./parameter.ts";
import { fields, literal } from "./representation.ts";
import { shapeOf, size } from "./sizes.ts";
import type { OwnBuffer } from "./state-dict.ts";

export interface BatchNormOptions extends FactoryOptions {
  /** Added to the variance; 1e-5 by default. */
  eps?: number;
  /** The weight of a new batch in the running statistics, or null for their plain average; 0.1 by default. */
  momentum?: number | null;
  /** Whether it has learned `weight` and `bias`; true by default. */
  affine?: boolean;
  /** With `affine`, whether it has the `bias`; true by default. */
  bias?: boolean;
  /** Whether it keeps running statistics for evaluation; true by default. */
  trackRunningStats?: boolean;
}

/** The defaults of BatchNormOptions. */
export const batchNormDefaults = {
  ...factoryDefaults,
  eps: 1e-5,
  momentum: 0.1 as number | null,
  affine: true,
  bias: true,
  trackRunningStats: true,
};

/** What batch and instance normalization have in common. */
export abstract class RunningNorm extends UnaryModule {
  readonly numFeatures: number;
  options: Readonly<Required<BatchNormOptions>>;
  /** [numFeatures] */
  declare weight: Parameter | null;
  /** [numFeatures] */
  declare bias: Parameter | null;
  /** [numFeatures] */
  declare runningMean: Tensor | null;
  /** [numFeatures] */
  declare runningVar: Tensor | null;
  /** One int64. */
  declare numBatchesTracked: Tensor | null;

  constructor(
    kind: string,
    numFeatures: number,
    defaults: typeof batchNormDefaults,
    given: BatchNormOptions | undefined,
  ) {
    const where = `nn.${kind}`;
    const options = mergeOptions<typeof batchNormDefaults>(where, defaults, given);
    number(where, "eps", options.eps, { min: 0 });
    if (options.momentum !== null) number(where, "momentum", options.momentum);
    for (const name of ["affine", "bias", "trackRunningStats"] as const) boolean(where, name, options[name]);
    super(kind, { numFeatures: size(where, "numFeatures", numFeatures), ...options });
    this.numFeatures = numFeatures;
    this.options = options;
  }

  /**
   * Old state dicts do not have it yet, and those without a version may be old.
   * @internal
   */
  protected override ownBuffers(): OwnBuffer[] {
    return super
      .ownBuffers()
      .map((own) => (own.buffer === this.numBatchesTracked ? { ...own, mayBeMissing: true } : own));
  }

  override extraRepr(): string {
    const { eps, momentum, affine, trackRunningStats } = this.options;
    return `${this.numFeatures}, ${fields({
      eps: formatFloat(eps),
      momentum: momentum === null ? "None" : formatFloat(momentum),
      affine: literal(affine),
      bias: literal(this.bias !== null),
      track_running_stats: literal(trackRunningStats),
    })}`;
  }
}

abstract class BatchNorm extends RunningNorm {
  /** The weight of a new batch in the running statistics, or null for their plain average. */
  get momentum(): number | null {
    return this.options.momentum;
  }

  set momentum(momentum: number | null) {
    if (momentum !== null) number(`nn.${this.constructor.name}`, "momentum", momentum);
    native.batchNormSetMomentum(this, momentum);
    this.options = { ...this.options, momentum };
  }

  /** Forgets the running statistics. */
  resetRunningStats(): void {
    noGrad(() => {
      this.runningMean?.zero_();
      this.runningVar?.fill_(1);
      this.numBatchesTracked?.zero_();
    });
  }

  override copyWith(copier: Copier): this {
    const copy = super.copyWith(copier);
    copy.momentum = this.momentum;
    return copy;
  }
}

/**
 * Normalizes each feature over the batch: [batch, features] or [batch, features, length].
 * @see https://pytorch.org/docs/stable/generated/torch.nn.BatchNorm1d.html
 */
export class BatchNorm1d extends BatchNorm {
  constructor(numFeatures: number, options?: BatchNormOptions) {
    super("BatchNorm1d", numFeatures, batchNormDefaults, options);
  }
}

/**
 * Normalizes each channel over the batch: [batch, channels, height, width].
 * @see https://pytorch.org/docs/stable/generated/torch.nn.BatchNorm2d.html
 */
export class BatchNorm2d extends BatchNorm {
  constructor(numFeatures: number, options?: BatchNormOptions) {
    super("BatchNorm2d", numFeatures, batchNormDefaults, options);
  }
}

/**
 * Normalizes each channel over the batch: [batch, channels, depth, height, width].
 * @see https://pytorch.org/docs/stable/generated/torch.nn.BatchNorm3d.html
 */
export class BatchNorm3d extends BatchNorm {
  constructor(numFeatures: number, options?: BatchNormOptions) {
    super("BatchNorm3d", numFeatures, batchNormDefaults, options);
  }
}

export interface LayerNormOptions extends FactoryOptions {
  /** Added to the variance; 1e-5 by default. */
  eps?: number;
  /** Whether it has learned `weight` and `bias`; true by default. */
  elementwiseAffine?: boolean;
  /** With `elementwiseAffine`, whether it has the `bias`; true by default. */
  bias?: boolean;
}

/**
 * Normalizes each row over its last dimensions, which are of the normalized shape.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.LayerNorm.html
 */
export class LayerNorm extends UnaryModule {
  readonly normalizedShape: readonly number[];
  readonly options: Readonly<Required<LayerNormOptions>>;
  /** Of the normalized shape. */
  declare weight: Parameter | null;
  /** Of the normalized shape. */
  declare bias: Parameter | null;

  constructor(normalizedShape: number | readonly number[], given?: LayerNormOptions) {
    const where = "nn.LayerNorm";
    const defaults = { ...factoryDefaults, eps: 1e-5, elementwiseAffine: true, bias: true };
    const options = mergeOptions<typeof defaults>(where, defaults, given);
    number(where, "eps", options.eps, { min: 0 });
    for (const name of ["elementwiseAffine", "bias"] as const) boolean(where, name, options[name]);
    const shape = shapeOf(where, "normalizedShape", normalizedShape);
    super("LayerNorm", { normalizedShape: shape, ...options });
    this.normalizedShape = shape;
    this.options = options;
  }

  override extraRepr(): string {
    const { eps, elementwiseAffine } = this.options;
    return `${literal(this.normalizedShape)}, ${fields({
      eps: formatFloat(eps),
      elementwise_affine: literal(elementwiseAffine),
      bias: literal(this.bias !== null),
    })}`;
  }
}

export interface GroupNormOptions extends FactoryOptions {
  /** Added to the variance; 1e-5 by default. */
  eps?: number;
  /** Whether it has learned `weight` and `bias`; true by default. */
  affine?: boolean;
  /** With `affine`, whether it has the `bias`; true by default. */
  bias?: boolean;
}

/**
 * Normalizes groups of channels: [batch, channels, ...].
 * @see https://pytorch.org/docs/stable/generated/torch.nn.GroupNorm.html
 */
export class GroupNorm extends UnaryModule {
  readonly numGroups: number;
  readonly numChannels: number;
  readonly options: Readonly<Required<GroupNormOptions>>;
  /** [numChannels] */
  declare weight: Parameter | null;
  /** [numChannels] */
  declare bias: Parameter | null;

  constructor(numGroups: number, numChannels: number, given?: GroupNormOptions) {
    const where = "nn.GroupNorm";
    const defaults = { ...factoryDefaults, eps: 1e-5, affine: true, bias: true };
    const options = mergeOptions<typeof defaults>(where, defaults, given);
    number(where, "eps", options.eps, { min: 0 });
    for (const name of ["affine", "bias"] as const) boolean(where, name, options[name]);
    size(where, "numGroups", numGroups);
    if (size(where, "numChannels", numChannels) % numGroups !== 0) {
      throw expected(where, `a multiple of numGroups (${numGroups})`, "numChannels", numChannels);
    }
    super("GroupNorm", { numGroups, numChannels, ...options });
    this.numGroups = numGroups;
    this.numChannels = numChannels;
    this.options = options;
  }

  override extraRepr(): string {
    const { eps, affine } = this.options;
    const rest = fields({
      eps: formatFloat(eps),
      affine: literal(affine),
      bias: literal(this.bias !== null),
    });
    return `${this.numGroups}, ${this.numChannels}, ${rest}`;
  }
}
