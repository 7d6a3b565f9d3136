import { expected } from "../../../errors.ts";
import { boolean, mergeOptions, number } from "../../../options.ts";
import { operator } from "../../operators.ts";
import type { Tensor } from "../../tensor.ts";

/** Options of the dropout functions. */
export interface DropoutOptions {
  /** The probability of a zero; 0.5 by default. */
  p?: number;
  /** Whether to drop at all; true by default, but for the alpha forms. */
  training?: boolean;
  /** Whether the input is overwritten; false by default. */
  inplace?: boolean;
}

/** A function of the dropout family over an operator; `training` is what it is unless given. */
function family(name: string, schema: string, training: boolean) {
  const where = `nn.functional.${name}`;
  const compute = operator(where, [`aten::${schema}`]);
  const overwrite = operator(where, [`aten::${schema}_`]);
  return (input: Tensor, given?: DropoutOptions): Tensor => {
    const options = mergeOptions(where, { p: 0.5, training, inplace: false }, given);
    const call = boolean(where, "inplace", options.inplace) ? overwrite : compute;
    return call(input, number(where, "p", options.p, { min: 0, max: 1 }), options.training) as Tensor;
  };
}

/** Makes elements zero with probability `p` and scales the others by 1 / (1 - p). */
export const dropout = family("dropout", "dropout", true);
/** Dropout that keeps mean and variance. */
export const alphaDropout = family("alphaDropout", "alpha_dropout", false);
/** Alpha dropout of whole channels. */
export const featureAlphaDropout = family("featureAlphaDropout", "feature_alpha_dropout", false);
/** Dropout of whole channels: [batch, channels, height, width]. */
export const dropout2d = family("dropout2d", "feature_dropout", true);

const batched1d = family("dropout1d", "feature_dropout", true);
const batched3d = family("dropout3d", "feature_dropout", true);

/** Dropout of whole channels: [batch, channels, length] or [channels, length]. */
export function dropout1d(input: Tensor, options?: DropoutOptions): Tensor {
  const rank = input.shape.length;
  if (rank !== 2 && rank !== 3)
    throw expected("nn.functional.dropout1d", "2 or 3 dimensions", "input", input.shape);
  return rank === 3 ? batched1d(input, options) : withBatch(batched1d, input, options);
}

/** Dropout of whole channels: [batch, channels, depth, height, width], or without the batch. */
export function dropout3d(input: Tensor, options?: DropoutOptions): Tensor {
  return input.shape.length === 5 ? batched3d(input, options) : withBatch(batched3d, input, options);
}

function withBatch(drop: ReturnType<typeof family>, input: Tensor, options?: DropoutOptions): Tensor {
  if (options?.inplace) return drop(input.unsqueeze_(0), options).squeeze_(0);
  return drop(input.unsqueeze(0), options).squeeze(0);
}
