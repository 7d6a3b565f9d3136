import type { Tensor } from "../../tensor.ts";
import { celu, elu, hardtanh, leakyRelu, relu, rrelu, selu, threshold } from "./activation.ts";

/**
 * An activation's options without `inplace`.
 * @inline
 */
type Given<F extends (input: Tensor, options?: never) => Tensor> = Omit<
  NonNullable<Parameters<F>[1]>,
  "inplace"
>;

/** `relu` in place. */
export function relu_(input: Tensor): Tensor {
  return relu(input, { inplace: true });
}

/** `selu` in place. */
export function selu_(input: Tensor): Tensor {
  return selu(input, { inplace: true });
}

/** `leakyRelu` in place. */
export function leakyRelu_(input: Tensor, options?: Given<typeof leakyRelu>): Tensor {
  return leakyRelu(input, { ...options, inplace: true });
}

/** `elu` in place. */
export function elu_(input: Tensor, options?: Given<typeof elu>): Tensor {
  return elu(input, { ...options, inplace: true });
}

/** `celu` in place. */
export function celu_(input: Tensor, options?: Given<typeof celu>): Tensor {
  return celu(input, { ...options, inplace: true });
}

/** `rrelu` in place. */
export function rrelu_(input: Tensor, options?: Given<typeof rrelu>): Tensor {
  return rrelu(input, { ...options, inplace: true });
}

/** `hardtanh` in place. */
export function hardtanh_(input: Tensor, options?: Given<typeof hardtanh>): Tensor {
  return hardtanh(input, { ...options, inplace: true });
}

/** `threshold` in place. */
export function threshold_(input: Tensor, above: number, value: number): Tensor {
  return threshold(input, above, value, { inplace: true });
}
