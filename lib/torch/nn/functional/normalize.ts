import { mergeOptions } from "../../../options.ts";
import type { Tensor } from "../../tensor.ts";

export interface NormalizeOptions {
  /** The p of the norm; 2 by default. */
  p?: number;
  /** Along which dimension, or dimensions; 1 by default. */
  dim?: number | readonly number[];
  /** The least norm that is divided by; 1e-12 by default. */
  eps?: number;
}

const defaults: Required<NormalizeOptions> = { p: 2, dim: 1, eps: 1e-12 };

/**
 * The input over its norm along a dimension.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.normalize.html
 */
export function normalize(input: Tensor, options?: NormalizeOptions): Tensor {
  const { p, dim, eps } = mergeOptions("nn.functional.normalize", defaults, options);
  return input.div(input.norm(p, [dim].flat(), true).clampMin(eps).expandAs(input));
}
