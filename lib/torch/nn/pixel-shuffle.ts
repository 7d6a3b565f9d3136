import type { Tensor } from "../tensor.ts";
import { channelShuffle, pixelShuffle, pixelUnshuffle } from "./functional/pixel-shuffle.ts";
import { Module } from "./module.ts";
import { size } from "./sizes.ts";

/**
 * Makes pixels of channels: [..., channels * r^2, height, width] to [..., channels, height * r, width * r].
 * @see https://pytorch.org/docs/stable/generated/torch.nn.PixelShuffle.html
 */
export class PixelShuffle extends Module {
  readonly upscaleFactor: number;

  constructor(upscaleFactor: number) {
    super();
    this.upscaleFactor = size("nn.PixelShuffle", "upscaleFactor", upscaleFactor);
  }

  override forward(input: Tensor): Tensor {
    return pixelShuffle(input, this.upscaleFactor);
  }

  override extraRepr(): string {
    return `upscale_factor=${this.upscaleFactor}`;
  }
}

/**
 * Makes channels of pixels: [..., channels, height * r, width * r] to [..., channels * r^2, height, width].
 * @see https://pytorch.org/docs/stable/generated/torch.nn.PixelUnshuffle.html
 */
export class PixelUnshuffle extends Module {
  readonly downscaleFactor: number;

  constructor(downscaleFactor: number) {
    super();
    this.downscaleFactor = size("nn.PixelUnshuffle", "downscaleFactor", downscaleFactor);
  }

  override forward(input: Tensor): Tensor {
    return pixelUnshuffle(input, this.downscaleFactor);
  }

  override extraRepr(): string {
    return `downscale_factor=${this.downscaleFactor}`;
  }
}

/**
 * Interleaves groups of channels: [batch, channels, ...].
 * @see https://pytorch.org/docs/stable/generated/torch.nn.ChannelShuffle.html
 */
export class ChannelShuffle extends Module {
  readonly groups: number;

  constructor(groups: number) {
    super();
    this.groups = size("nn.ChannelShuffle", "groups", groups);
  }

  override forward(input: Tensor): Tensor {
    return channelShuffle(input, this.groups);
  }

  override extraRepr(): string {
    return `groups=${this.groups}`;
  }
}
