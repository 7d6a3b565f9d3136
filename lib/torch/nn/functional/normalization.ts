import { expected } from "../../../errors.ts";
import { mergeOptions, number } from "../../../options.ts";
import { operator } from "../../operators.ts";
import type { Tensor } from "../../tensor.ts";
import { size } from "../sizes.ts";

const batchNormOperator = operator("nn.functional.batchNorm", ["aten::batch_norm"]);
const layerNormOperator = operator("nn.functional.layerNorm", ["aten::layer_norm"]);
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
