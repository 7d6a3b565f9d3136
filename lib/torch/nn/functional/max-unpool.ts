import { expected } from "../../../errors.ts";
import { mergeOptions } from "../../../options.ts";
import { operator } from "../../operators.ts";
import type { Tensor } from "../../tensor.ts";
import type { MaxUnpoolOptions } from "../max-unpool.ts";
import { type Sizes, spread } from "../sizes.ts";

interface Window {
  kernelSize: number[];
  stride: number[];
  padding: number[];
}

/** What pooling made this input of; a size that was asked for must be one of those that it can have been. */
function unpooledSize(
  where: string,
  input: Tensor,
  { kernelSize, stride, padding }: Window,
  given: readonly number[] | null,
): number[] {
  const dimensions = kernelSize.length;
  const space = input.shape.slice(-dimensions);
  const at = (values: readonly number[], dim: number) => values[dim] as number;
  const usual = kernelSize.map(
    (kernel, dim) => (at(space, dim) - 1) * at(stride, dim) + kernel - 2 * at(padding, dim),
  );
  if (given !== null && given.length !== dimensions && given.length !== dimensions + 2)
    throw expected(where, `${dimensions} or ${dimensions + 2} sizes`, "outputSize", given);
  const sizes = given === null ? usual : given.slice(given.length - dimensions);
  for (const [dim, size] of sizes.entries()) {
    const [min, max] = [at(usual, dim) - at(stride, dim), at(usual, dim) + at(stride, dim)];
    if (!Number.isSafeInteger(size) || size <= min || size >= max || size < 0)
      throw expected(where, `a size between ${min} and ${max}, and at least 0`, `outputSize[${dim}]`, size);
  }
  return sizes;
}

function maxUnpool(dimensions: number) {
  const where = `nn.functional.maxUnpool${dimensions}d`;
  const call = operator(where, [`aten::max_unpool${dimensions === 3 ? 3 : 2}d`]);
  const defaults = {
    stride: null as Sizes | null,
    padding: 0 as Sizes,
    outputSize: null as readonly number[] | null,
  };
  return (
    input: Tensor,
    indices: Tensor,
    kernelSize: Sizes,
    given?: MaxUnpoolOptions & { outputSize?: readonly number[] | null },
  ): Tensor => {
    const options = mergeOptions<typeof defaults>(where, defaults, given);
    const window = {
      kernelSize: spread(where, "kernelSize", kernelSize, dimensions, 1),
      stride: spread(where, "stride", options.stride ?? kernelSize, dimensions, 1),
      padding: spread(where, "padding", options.padding, dimensions, 0),
    };
    const { outputSize } = options;
    if (outputSize !== null && !Array.isArray(outputSize))
      throw expected(where, "an array of sizes or null", "outputSize", outputSize);
    const sizes = unpooledSize(where, input, window, outputSize);
    if (dimensions === 1)
      return (call(input.unsqueeze(-1), indices.unsqueeze(-1), [...sizes, 1]) as Tensor).squeeze(-1);
    if (dimensions === 2) return call(input, indices, sizes) as Tensor;
    return call(input, indices, sizes, window.stride, window.padding) as Tensor;
  };
}

/** Puts the maxima of {@link maxPool1d} back to their positions, among zeros. */
export const maxUnpool1d = maxUnpool(1);
/** Puts the maxima of {@link maxPool2d} back to their positions, among zeros. */
export const maxUnpool2d = maxUnpool(2);
/** Puts the maxima of {@link maxPool3d} back to their positions, among zeros. */
export const maxUnpool3d = maxUnpool(3);
