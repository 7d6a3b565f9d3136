import { operator } from "../../operators.ts";
import type { Tensor } from "../../tensor.ts";
import { size } from "../sizes.ts";

const shuffle = operator("nn.functional.pixelShuffle", ["aten::pixel_shuffle"]);
const unshuffle = operator("nn.functional.pixelUnshuffle", ["aten::pixel_unshuffle"]);
const channels = operator("nn.functional.channelShuffle", ["aten::channel_shuffle"]);

/** Makes pixels of channels: [..., channels * r^2, height, width] to [..., channels, height * r, width * r]. */
export function pixelShuffle(input: Tensor, upscaleFactor: number): Tensor {
  return shuffle(input, size("nn.functional.pixelShuffle", "upscaleFactor", upscaleFactor)) as Tensor;
}

/** Makes channels of pixels: [..., channels, height * r, width * r] to [..., channels * r^2, height, width]. */
export function pixelUnshuffle(input: Tensor, downscaleFactor: number): Tensor {
  return unshuffle(input, size("nn.functional.pixelUnshuffle", "downscaleFactor", downscaleFactor)) as Tensor;
}

/** Interleaves groups of channels: [batch, channels, ...]. */
export function channelShuffle(input: Tensor, groups: number): Tensor {
  return channels(input, size("nn.functional.channelShuffle", "groups", groups)) as Tensor;
}
