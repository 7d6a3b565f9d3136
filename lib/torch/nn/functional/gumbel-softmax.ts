import { boolean, mergeOptions, number } from "../../../options.ts";
import { zerosLike } from "../../generated/functions.ts";
import type { Tensor } from "../../tensor.ts";
import { dimension } from "../sizes.ts";

/** Options of {@link gumbelSoftmax}. */
export interface GumbelSoftmaxOptions {
  /** The temperature: the lower, the closer to a single class; 1 by default. */
  tau?: number;
  /** Whether the result has one 1 and zeros, with the gradient of the probabilities; false by default. */
  hard?: boolean;
  /** Along which dimension; -1, the last, by default. */
  dim?: number;
}

/**
 * A sample from the classes that logits describe, which has a gradient: softmax of the logits plus Gumbel noise.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.gumbel_softmax.html
 */
export function gumbelSoftmax(logits: Tensor, options?: GumbelSoftmaxOptions): Tensor {
  const where = "nn.functional.gumbelSoftmax";
  const { tau, hard, dim } = mergeOptions(where, { tau: 1, hard: false, dim: -1 }, options);
  number(where, "tau", tau, { above: 0 });
  const noise = zerosLike(logits, { memoryFormat: "contiguous_format" }).exponential_().log().neg();
  const soft = logits
    .add(noise)
    .div(tau)
    .softmax(dimension(where, "dim", dim));
  if (!boolean(where, "hard", hard)) return soft;
  const largest = soft.argmax(dim, true);
  const oneHot = zerosLike(logits, { memoryFormat: "contiguous_format" }).scatter_(dim, largest, 1);
  return oneHot.sub(soft.detach()).add(soft);
}
