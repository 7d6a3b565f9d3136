import { expected } from "../../../errors.ts";
import { mergeOptions, number } from "../../../options.ts";
import { operator } from "../../operators.ts";
import type { Tensor } from "../../tensor.ts";
import { size } from "../sizes.ts";
import { pad } from "./padding.ts";
import { avgPool2d, avgPool3d } from "./pooling.ts";

const batchNormOperator = operator("nn.functional.batchNorm", ["aten::batch_norm"]);
const layerNormOperator = operator("nn.functional.layerNorm", ["aten::layer_norm"]);
const instanceNormOperator = operator("nn.functional.instanceNorm", ["aten::instance_norm"]);
const rmsNormOperator = operator("nn.functional.rmsNorm", ["aten::rms_norm"]);
const groupNormOperator = operator("nn.functional.groupNorm", ["aten::group_norm"]);
// What PyTorch passes unless torch.backends.cudnn.enabled is switched off.
const cudnnEnabled = true;

/** What scales and shifts the normalized values, and what is added to the variance (1e-5). */
export interface AffineOptions {
  weight?: Tensor | null;
  bias?: Tensor | null;
  eps?: number;
}

const affineDefaults = { weight: null as Tensor | null, bias: null as Tensor | null, eps: 1e-5 };

/** More than one value for each channel is needed to know its variance. */
function checkBatch(where: string, input: Tensor, valuesPerChannel: number): void {
  if (valuesPerChannel === 1) {
    throw expected(
      where,
      "more than 1 value per channel in training",
      "input",
      `one of size [${input.shape}]`,
    );
  }
}

/**
 * Normalizes each channel of [batch, channels, ...], by the batch in training, else by the running statistics.
 *
 * @param runningMean - [channels], updated in training
 * @param runningVar - [channels], updated in training
 * @param options.momentum - the weight of this batch in the running statistics; 0.1 by default
 */
export function batchNorm(
  input: Tensor,
  runningMean: Tensor | null,
  runningVar: Tensor | null,
  options?: AffineOptions & { training?: boolean; momentum?: number },
): Tensor {
  const where = "nn.functional.batchNorm";
  const defaults = { ...affineDefaults, training: false, momentum: 0.1 };
  const { weight, bias, eps, training, momentum } = mergeOptions<typeof defaults>(where, defaults, options);
  number(where, "eps", eps, training ? { above: 0 } : { min: 0 });
  if (training) {
    const [batch = 0, , ...space] = input.shape;
    checkBatch(
      where,
      input,
      space.reduce((product, extent) => product * extent, batch),
    );
  }
  const numbers = [training, momentum, eps, cudnnEnabled];
  return batchNormOperator(input, weight, bias, runningMean, runningVar, ...numbers) as Tensor;
}

/**
 * Normalizes each channel of each sample of [batch, channels, ...], by itself or by running statistics.
 *
 * @param given - `useInputStats`: whether by itself, true by default; `momentum`: the weight of this batch in the running
 *   statistics, 0.1 by default
 */
export function instanceNorm(
  input: Tensor,
  given?: AffineOptions & {
    runningMean?: Tensor | null;
    runningVar?: Tensor | null;
    useInputStats?: boolean;
    momentum?: number;
  },
): Tensor {
  const where = "nn.functional.instanceNorm";
  const statistics = { runningMean: null as Tensor | null, runningVar: null as Tensor | null };
  const defaults = { ...affineDefaults, ...statistics, useInputStats: true, momentum: 0.1 };
  const options = mergeOptions<typeof defaults>(where, defaults, given);
  const [, , ...space] = input.shape;
  if (options.useInputStats && space.reduce((product, extent) => product * extent, 1) === 1)
    throw expected(
      where,
      "more than 1 value per channel and sample",
      "input",
      `one of size [${input.shape}]`,
    );
  const { weight, bias, runningMean, runningVar, useInputStats, momentum, eps } = options;
  const numbers = [useInputStats, momentum, eps, cudnnEnabled];
  return instanceNormOperator(input, weight, bias, runningMean, runningVar, ...numbers) as Tensor;
}

/** Divides by the root of the mean square over the last dimensions, which are of the normalized shape. */
export function rmsNorm(
  input: Tensor,
  normalizedShape: readonly number[],
  options?: { weight?: Tensor | null; eps?: number | null },
): Tensor {
  const defaults = { weight: null as Tensor | null, eps: null as number | null };
  const { weight, eps } = mergeOptions<typeof defaults>("nn.functional.rmsNorm", defaults, options);
  return rmsNormOperator(input, normalizedShape, weight, eps) as Tensor;
}

/** What {@link localResponseNorm} computes with. */
export interface LocalResponseNormOptions {
  /** The factor of the squares; 1e-4 by default. */
  alpha?: number;
  /** The exponent; 0.75 by default. */
  beta?: number;
  /** What is added; 1 by default. */
  k?: number;
}

/** Divides by `(k + alpha mean)^beta`, with the mean of the squares of `size` channels around: [batch, channels, ...]. */
export function localResponseNorm(input: Tensor, window: number, options?: LocalResponseNormOptions): Tensor {
  const where = "nn.functional.localResponseNorm";
  const { alpha, beta, k } = mergeOptions(where, { alpha: 1e-4, beta: 0.75, k: 1 }, options);
  size(where, "size", window);
  const [batch, channels, extent, ...space] = input.shape;
  if (batch === undefined || channels === undefined || extent === undefined)
    throw expected(where, "at least 3 dimensions", "input", `one of size [${input.shape}]`);
  if (input.numel() === 0) return input;
  const around = [Math.floor(window / 2), Math.floor((window - 1) / 2)];
  const squares = input.mul(input);
  const mean =
    space.length === 0
      ? avgPool2d(pad(squares.unsqueeze(1), [0, 0, ...around]), [window, 1], { stride: 1 }).squeeze(1)
      : avgPool3d(
          pad(squares.view([batch, 1, channels, extent, -1]), [0, 0, 0, 0, ...around]),
          [window, 1, 1],
          {
            stride: 1,
          },
        )
          .squeeze(1)
          .view(input.shape);
  return input.div(mean.mul(alpha).add(k).pow(beta));
}

/** Normalizes over the last dimensions, which are of the normalized shape. */
export function layerNorm(
  input: Tensor,
  normalizedShape: readonly number[],
  options?: AffineOptions,
): Tensor {
  const { weight, bias, eps } = mergeOptions<typeof affineDefaults>(
    "nn.functional.layerNorm",
    affineDefaults,
    options,
  );
  return layerNormOperator(input, normalizedShape, weight, bias, eps, cudnnEnabled) as Tensor;
}

/** Normalizes groups of channels of [batch, channels, ...]. */
export function groupNorm(input: Tensor, numGroups: number, options?: AffineOptions): Tensor {
  const where = "nn.functional.groupNorm";
  const { weight, bias, eps } = mergeOptions<typeof affineDefaults>(where, affineDefaults, options);
  const [batch, channels, ...space] = input.shape;
  if (batch === undefined || channels === undefined) {
    throw expected(where, "at least 2 dimensions", "input", `one of size [${input.shape}]`);
  }
  const perGroup = Math.floor((batch * channels) / size(where, "numGroups", numGroups));
  checkBatch(
    where,
    input,
    space.reduce((product, extent) => product * extent, perGroup),
  );
  return groupNormOperator(input, numGroups, weight, bias, eps, cudnnEnabled) as Tensor;
}
