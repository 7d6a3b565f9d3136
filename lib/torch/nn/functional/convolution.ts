import { mergeOptions, oneOf } from "../../../options.ts";
import { operator } from "../../operators.ts";
import type { Tensor } from "../../tensor.ts";
import { type Sizes, size, spread } from "../sizes.ts";

interface CommonOptions {
  /** [outChannels] */
  bias?: Tensor | null;
  /** 1 by default. */
  stride?: Sizes;
  /** 1 by default. */
  dilation?: Sizes;
  /** 1 by default. */
  groups?: number;
}

/** Options of the convolutions. */
export interface ConvolutionOptions extends CommonOptions {
  /** Sizes, "valid" or "same"; 0 by default. */
  padding?: Sizes | "valid" | "same";
}

/** Options of the transposed convolutions. */
export interface ConvTransposeOptions extends CommonOptions {
  /** By how much the output is smaller on both sides; 0 by default. */
  padding?: Sizes;
  /** By how much the output is larger on one side, less than the stride or the dilation; 0 by default. */
  outputPadding?: Sizes;
}

const commonDefaults = { bias: null as Tensor | null, stride: 1 as Sizes, dilation: 1 as Sizes, groups: 1 };

function convolution(dimensions: number) {
  const where = `nn.functional.conv${dimensions}d`;
  const call = operator(where, [`aten::conv${dimensions}d`, `aten::conv${dimensions}d.padding`]);
  const defaults = { ...commonDefaults, padding: 0 as Sizes | "valid" | "same" };
  return (input: Tensor, weight: Tensor, options?: ConvolutionOptions): Tensor => {
    const { bias, stride, padding, dilation, groups } = mergeOptions<typeof defaults>(
      where,
      defaults,
      options,
    );
    return call(
      input,
      weight,
      bias,
      spread(where, "stride", stride, dimensions, 1),
      typeof padding === "string"
        ? oneOf(where, "padding", padding, ["valid", "same"])
        : spread(where, "padding", padding, dimensions, 0),
      spread(where, "dilation", dilation, dimensions, 1),
      size(where, "groups", groups),
    ) as Tensor;
  };
}

function convTranspose(dimensions: number) {
  const where = `nn.functional.convTranspose${dimensions}d`;
  const schema = `aten::conv_transpose${dimensions}d`;
  const call = operator(where, [dimensions === 1 ? schema : `${schema}.input`]);
  const defaults = { ...commonDefaults, padding: 0 as Sizes, outputPadding: 0 as Sizes };
  return (input: Tensor, weight: Tensor, given?: ConvTransposeOptions): Tensor => {
    const options = mergeOptions<typeof defaults>(where, defaults, given);
    return call(
      input,
      weight,
      options.bias,
      spread(where, "stride", options.stride, dimensions, 1),
      spread(where, "padding", options.padding, dimensions, 0),
      spread(where, "outputPadding", options.outputPadding, dimensions, 0),
      size(where, "groups", options.groups),
      spread(where, "dilation", options.dilation, dimensions, 1),
    ) as Tensor;
  };
}

/** Convolution of [batch, inChannels, length] with [outChannels, inChannels / groups, kernel]. */
export const conv1d = convolution(1);
/** Convolution of [batch, inChannels, height, width] with [outChannels, inChannels / groups, ...kernel]. */
export const conv2d = convolution(2);
/** Convolution of [batch, inChannels, depth, height, width] with [outChannels, inChannels / groups, ...kernel]. */
export const conv3d = convolution(3);
/** The gradient of a convolution, as a layer: [batch, inChannels, length] with [inChannels, outChannels / groups, kernel]. */
export const convTranspose1d = convTranspose(1);
/** As {@link convTranspose1d}, of [batch, inChannels, height, width]. */
export const convTranspose2d = convTranspose(2);
/** As {@link convTranspose1d}, of [batch, inChannels, depth, height, width]. */
export const convTranspose3d = convTranspose(3);
