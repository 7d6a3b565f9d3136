import { mergeOptions } from "../../../options.ts";
import { oneHot as encode } from "../../generated/nn.ts";
import type { Tensor } from "../../tensor.ts";

/**
 * Labels as rows with one 1: int64 [...] to int64 [..., numClasses].
 * @param options.numClasses - -1, one more than the largest label, by default
 * @throws Error for a label that is negative or not below numClasses.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.one_hot.html
 */
export function oneHot(input: Tensor, options?: { numClasses?: number }): Tensor {
  const { numClasses } = mergeOptions("nn.functional.oneHot", { numClasses: -1 }, options);
  return encode(input, numClasses);
}
