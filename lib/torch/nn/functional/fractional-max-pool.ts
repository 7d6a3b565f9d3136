import { expected } from "../../../errors.ts";
import { mergeOptions } from "../../../options.ts";
import { rand } from "../../generated/functions.ts";
import { operator } from "../../operators.ts";
import type { Tensor } from "../../tensor.ts";
import type { FractionalMaxPoolOptions } from "../fractional-max-pool.ts";
import { ratios, type Sizes, spread } from "../sizes.ts";
import type { WithIndices } from "./pooling.ts";

function fractionalMaxPool(dimensions: number) {
  const where = `nn.functional.fractionalMaxPool${dimensions}d`;
  const call = operator(where, [`aten::fractional_max_pool${dimensions}d`]);
  const defaults = {
    outputSize: null as Sizes | null,
    outputRatio: null as number | readonly number[] | null,
    returnIndices: false,
  };
  const pool = (input: Tensor, kernelSize: Sizes, given?: FractionalMaxPoolOptions): unknown => {
    const options = mergeOptions<typeof defaults>(where, defaults, given);
    const { outputSize, outputRatio } = options;
    if ((outputSize === null) === (outputRatio === null))
      throw expected(where, "either outputSize or outputRatio", "options", given);
    const kernel = spread(where, "kernelSize", kernelSize, dimensions, 1);
    const { shape, dtype, device } = input;
    if (shape.length !== dimensions + 1 && shape.length !== dimensions + 2)
      throw expected(where, `${dimensions + 1} or ${dimensions + 2} dimensions`, "input", shape);
    const [batch = 1, channels = 1, ...space] = shape.length === dimensions + 1 ? [1, ...shape] : shape;
    const sizes =
      outputSize === null
        ? ratios(where, "outputRatio", outputRatio, dimensions, { above: 0, below: 1 }).map((ratio, dim) =>
            Math.trunc((space[dim] ?? 0) * ratio),
          )
        : spread(where, "outputSize", outputSize, dimensions, 1);
    const samples = rand([batch, channels, dimensions], { dtype, device });
    const both = call(input, kernel, sizes, samples) as [Tensor, Tensor];
    return options.returnIndices ? both : both[0];
  };
  return pool as WithIndices<[input: Tensor, kernelSize: Sizes], FractionalMaxPoolOptions>;
}

/** Maxima over windows drawn so that the output is of the given size: [batch, channels, height, width]. */
export const fractionalMaxPool2d = fractionalMaxPool(2);
/** As {@link fractionalMaxPool2d}, of [batch, channels, depth, height, width]. */
export const fractionalMaxPool3d = fractionalMaxPool(3);
