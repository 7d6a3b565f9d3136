import { expected, unknownName } from "../../../errors.ts";
import { mergeOptions, number, oneOf } from "../../../options.ts";
import type { Tensor } from "../../tensor.ts";
import { type DrawOptions, draws, normal_, uniform_ } from "./basic.ts";

/** How many inputs and outputs an element of the layer with this weight has. */
function fans(where: string, tensor: Tensor): { fanIn: number; fanOut: number } {
  const [outputs, inputs, ...kernel] = tensor.shape;
  if (outputs === undefined || inputs === undefined) {
    throw expected(where, "at least 2 dimensions", "tensor", `one of size [${tensor.shape}]`);
  }
  const field = kernel.reduce((product, size) => product * size, 1);
  return { fanIn: inputs * field, fanOut: outputs * field };
}

/** What follows a layer, by which the size of its weights is chosen. */
export type Nonlinearity =
  | "linear"
  | `conv${1 | 2 | 3}d`
  | `convTranspose${1 | 2 | 3}d`
  | "sigmoid"
  | "tanh"
  | "relu"
  | "leakyRelu"
  | "selu";

const gains = new Map<string, (slope: number) => number>([
  ["linear", () => 1],
  ...[1, 2, 3].flatMap((d) => [`conv${d}d`, `convTranspose${d}d`]).map((name) => [name, () => 1] as const),
  ["sigmoid", () => 1],
  ["tanh", () => 5 / 3],
  ["relu", () => Math.sqrt(2)],
  ["leakyRelu", (slope) => Math.sqrt(2 / (1 + slope * slope))],
  ["selu", () => 3 / 4],
]);

/**
 * The factor that keeps the variance through a nonlinearity.
 *
 * @param negativeSlope - of leaky ReLU; 0.01 by default
 * @see https://pytorch.org/docs/stable/nn.init.html#torch.nn.init.calculate_gain
 */
export function calculateGain(nonlinearity: Nonlinearity, negativeSlope = 0.01): number {
  const where = "nn.init.calculateGain";
  const gain = gains.get(nonlinearity);
  if (gain === undefined) throw unknownName(where, "nonlinearity", String(nonlinearity), gains.keys());
  return gain(number(where, "negativeSlope", negativeSlope));
}

/** Glorot's uniform draws: within `gain` (1) times the root of 6 / (fanIn + fanOut). */
export function xavierUniform_<T extends Tensor>(tensor: T, options?: { gain?: number } & DrawOptions): T {
  const defaults = { ...draws, gain: 1 };
  const { gain, generator } = mergeOptions<typeof defaults>("nn.init.xavierUniform_", defaults, options);
  const { fanIn, fanOut } = fans("nn.init.xavierUniform_", tensor);
  const bound = Math.sqrt(3) * (gain * Math.sqrt(2 / (fanIn + fanOut)));
  return uniform_(tensor, { a: -bound, b: bound, generator });
}

/** Glorot's normal draws: with the deviation `gain` (1) times the root of 2 / (fanIn + fanOut). */
export function xavierNormal_<T extends Tensor>(tensor: T, options?: { gain?: number } & DrawOptions): T {
  const defaults = { ...draws, gain: 1 };
  const { gain, generator } = mergeOptions<typeof defaults>("nn.init.xavierNormal_", defaults, options);
  const { fanIn, fanOut } = fans("nn.init.xavierNormal_", tensor);
  return normal_(tensor, { std: gain * Math.sqrt(2 / (fanIn + fanOut)), generator });
}

export interface KaimingOptions extends DrawOptions {
  /** The negative slope of the leaky ReLU that follows; 0 by default. */
  a?: number;
  /** Which pass keeps its variance; "fanIn", the forward one, by default. */
  mode?: "fanIn" | "fanOut";
  /** What follows; "leakyRelu" by default. */
  nonlinearity?: Nonlinearity;
}

const kaimingDefaults: Required<KaimingOptions> = {
  ...draws,
  a: 0,
  mode: "fanIn",
  nonlinearity: "leakyRelu",
};

function readKaiming(where: string, tensor: Tensor, given: KaimingOptions | undefined) {
  const { a, mode, nonlinearity, generator } = mergeOptions<typeof kaimingDefaults>(
    where,
    kaimingDefaults,
    given,
  );
  oneOf(where, "mode", mode, ["fanIn", "fanOut"]);
  return { std: calculateGain(nonlinearity, a) / Math.sqrt(fans(where, tensor)[mode]), generator };
}

/** He's uniform draws. @see https://pytorch.org/docs/stable/nn.init.html#torch.nn.init.kaiming_uniform_ */
export function kaimingUniform_<T extends Tensor>(tensor: T, options?: KaimingOptions): T {
  const { std, generator } = readKaiming("nn.init.kaimingUniform_", tensor, options);
  const bound = Math.sqrt(3) * std;
  return tensor.numel() === 0 ? tensor : uniform_(tensor, { a: -bound, b: bound, generator });
}

/** He's normal draws. @see https://pytorch.org/docs/stable/nn.init.html#torch.nn.init.kaiming_normal_ */
export function kaimingNormal_<T extends Tensor>(tensor: T, options?: KaimingOptions): T {
  const { std, generator } = readKaiming("nn.init.kaimingNormal_", tensor, options);
  return tensor.numel() === 0 ? tensor : normal_(tensor, { std, generator });
}
