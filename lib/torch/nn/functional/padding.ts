import { expected } from "../../../errors.ts";
import { mergeOptions, oneOf } from "../../../options.ts";
import { operator } from "../../operators.ts";
import type { Tensor } from "../../tensor.ts";

/** What a tensor is padded with: a constant, its mirror image, its edge, or its other end. */
export type PadMode = "constant" | "reflect" | "replicate" | "circular";

const call = operator("nn.functional.pad", ["aten::pad"]);

/**
 * Adds to the ends of dimensions, or with negative numbers takes away.
 *
 * @param padding - before and after the last dimension, before and after the one before it, and so on
 * @param options.mode - "constant" by default
 * @param options.value - the constant; 0 by default
 */
export function pad(
  input: Tensor,
  padding: readonly number[],
  options?: { mode?: PadMode; value?: number | null },
): Tensor {
  const where = "nn.functional.pad";
  const defaults = { mode: "constant" as PadMode, value: null as number | null };
  const { mode, value } = mergeOptions<typeof defaults>(where, defaults, options);
  oneOf(where, "mode", mode, ["constant", "reflect", "replicate", "circular"]);
  if (!Array.isArray(padding)) throw expected(where, "an array of integers", "padding", padding);
  return call(input, padding, mode, value) as Tensor;
}
