import { mergeOptions } from "../../../options.ts";
import { operator } from "../../operators.ts";
import type { Tensor } from "../../tensor.ts";
import type { FoldOptions } from "../fold.ts";
import { type Sizes, spread } from "../sizes.ts";

const col2im = operator("nn.functional.fold", ["aten::col2im"]);
const im2col = operator("nn.functional.unfold", ["aten::im2col"]);
const defaults = { dilation: 1 as Sizes, padding: 0 as Sizes, stride: 1 as Sizes };

function readWindow(where: string, kernelSize: Sizes, given: FoldOptions | undefined): number[][] {
  const options = mergeOptions<typeof defaults>(where, defaults, given);
  return [
    spread(where, "kernelSize", kernelSize, 2, 1),
    spread(where, "dilation", options.dilation, 2, 1),
    spread(where, "padding", options.padding, 2, 0),
    spread(where, "stride", options.stride, 2, 1),
  ];
}

/** Sums blocks into an image: [batch, channels * kernel, blocks] to [batch, channels, ...outputSize]. */
export function fold(input: Tensor, outputSize: Sizes, kernelSize: Sizes, options?: FoldOptions): Tensor {
  const sizes = spread("nn.functional.fold", "outputSize", outputSize, 2, 1);
  return col2im(input, sizes, ...readWindow("nn.functional.fold", kernelSize, options)) as Tensor;
}

/** Lays the blocks of an image side by side: [batch, channels, height, width] to [batch, channels * kernel, blocks]. */
export function unfold(input: Tensor, kernelSize: Sizes, options?: FoldOptions): Tensor {
  return im2col(input, ...readWindow("nn.functional.unfold", kernelSize, options)) as Tensor;
}
