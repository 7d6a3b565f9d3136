import { expected } from "../../errors.ts";
import { mergeOptions, oneOf } from "../../options.ts";
import { noGrad } from "../autograd.ts";
import { operator } from "../operators.ts";
import type { Tensor } from "../tensor.ts";

const uniform = operator("nn.init.uniform_", ["aten::uniform_"]);
const normal = operator("nn.init.normal_", ["aten::normal_"]);
const fill = operator("nn.init.constant_", ["aten::fill_.Scalar"]);

/** Fills with draws between `a` (0) and `b` (1), in place. */
export function uniform_(tensor: Tensor, options?: { a?: number; b?: number }): Tensor {
  const { a, b } = mergeOptions("nn.init.uniform_", { a: 0, b: 1 }, options);
  return noGrad(() => uniform(tensor, a, b)) as Tensor;
}

/** Fills with draws around `mean` (0) with the deviation `std` (1), in place. */
export function normal_(tensor: Tensor, options?: { mean?: number; std?: number }): Tensor {
  const { mean, std } = mergeOptions("nn.init.normal_", { mean: 0, std: 1 }, options);
  return noGrad(() => normal(tensor, mean, std)) as Tensor;
}

export function constant_(tensor: Tensor, value: number): Tensor {
  return noGrad(() => fill(tensor, value)) as Tensor;
}

export function zeros_(tensor: Tensor): Tensor {
  return constant_(tensor, 0);
}

export function ones_(tensor: Tensor): Tensor {
  return constant_(tensor, 1);
}

/** How many inputs and outputs an element of the layer with this weight has. */
function fans(where: string, tensor: Tensor): { fanIn: number; fanOut: number } {
  const [outputs, inputs, ...kernel] = tensor.shape;
  if (outputs === undefined || inputs === undefined) {
    throw expected(where, "at least 2 dimensions", "tensor", `one of size [${tensor.shape}]`);
  }
  const field = kernel.reduce((product, size) => product * size, 1);
  return { fanIn: inputs * field, fanOut: outputs * field };
}

/** Glorot's uniform draws: within `gain` (1) times the root of 6 / (fanIn + fanOut). */
export function xavierUniform_(tensor: Tensor, options?: { gain?: number }): Tensor {
  const { gain } = mergeOptions("nn.init.xavierUniform_", { gain: 1 }, options);
  const { fanIn, fanOut } = fans("nn.init.xavierUniform_", tensor);
  const bound = Math.sqrt(3) * (gain * Math.sqrt(2 / (fanIn + fanOut)));
  return uniform_(tensor, { a: -bound, b: bound });
}

/** Glorot's normal draws: with the deviation `gain` (1) times the root of 2 / (fanIn + fanOut). */
export function xavierNormal_(tensor: Tensor, options?: { gain?: number }): Tensor {
  const { gain } = mergeOptions("nn.init.xavierNormal_", { gain: 1 }, options);
  const { fanIn, fanOut } = fans("nn.init.xavierNormal_", tensor);
  return normal_(tensor, { std: gain * Math.sqrt(2 / (fanIn + fanOut)) });
}

export interface KaimingOptions {
  /** The negative slope of the leaky ReLU that follows; 0 by default. */
  a?: number;
  /** Which pass keeps its variance; "fanIn", the forward one, by default. */
  mode?: "fanIn" | "fanOut";
  /** What follows; "leakyRelu" by default. */
  nonlinearity?: "leakyRelu" | "relu" | "linear";
}

function kaimingStd(where: string, tensor: Tensor, given: KaimingOptions | undefined): number {
  const defaults: Required<KaimingOptions> = { a: 0, mode: "fanIn", nonlinearity: "leakyRelu" };
  const { a, mode, nonlinearity } = mergeOptions<typeof defaults>(where, defaults, given);
  oneOf(where, "mode", mode, ["fanIn", "fanOut"]);
  oneOf(where, "nonlinearity", nonlinearity, ["leakyRelu", "relu", "linear"]);
  const gain = { leakyRelu: Math.sqrt(2 / (1 + a ** 2)), relu: Math.sqrt(2), linear: 1 }[nonlinearity];
  return gain / Math.sqrt(fans(where, tensor)[mode]);
}

/** He's uniform draws. @see https://pytorch.org/docs/stable/nn.init.html#torch.nn.init.kaiming_uniform_ */
export function kaimingUniform_(tensor: Tensor, options?: KaimingOptions): Tensor {
  const bound = Math.sqrt(3) * kaimingStd("nn.init.kaimingUniform_", tensor, options);
  return uniform_(tensor, { a: -bound, b: bound });
}

/** He's normal draws. @see https://pytorch.org/docs/stable/nn.init.html#torch.nn.init.kaiming_normal_ */
export function kaimingNormal_(tensor: Tensor, options?: KaimingOptions): Tensor {
  return normal_(tensor, { std: kaimingStd("nn.init.kaimingNormal_", tensor, options) });
}
