import { mergeOptions, oneOf } from "../../../options.ts";
import { operator } from "../../operators.ts";
import type { Tensor } from "../../tensor.ts";
import { type Sizes, size, spread } from "../sizes.ts";

export interface ConvolutionOptions {
  /** [outChannels] */
  bias?: Tensor | null;
  /** 1 by default. */
  stride?: Sizes;
  /** Sizes, "valid" or "same"; 0 by default. */
  padding?: Sizes | "valid" | "same";
  /** 1 by default. */
  dilation?: Sizes;
  /** 1 by default. */
  groups?: number;
}

function convolution(dimensions: number) {
  const where = `nn.functional.conv${dimensions}d`;
  const call = operator(where, [`aten::conv${dimensions}d`, `aten::conv${dimensions}d.padding`]);
  const defaults = {
    bias: null as Tensor | null,
    stride: 1 as Sizes,
    padding: 0 as Sizes | "valid" | "same",
    dilation: 1 as Sizes,
    groups: 1,
  };
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

/** Convolution of [batch, inChannels, length] with [outChannels, inChannels / groups, kernel]. */
export const conv1d = convolution(1);
/** Convolution of [batch, inChannels, height, width] with [outChannels, inChannels / groups, ...kernel]. */
export const conv2d = convolution(2);
/** Convolution of [batch, inChannels, depth, height, width] with [outChannels, inChannels / groups, ...kernel]. */
export const conv3d = convolution(3);
