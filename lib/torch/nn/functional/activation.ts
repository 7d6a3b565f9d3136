import { boolean, mergeOptions, number, oneOf } from "../../../options.ts";
import { checkDtype, type Dtype } from "../../dtype.ts";
import { operator } from "../../operators.ts";
import type { Tensor } from "../../tensor.ts";
import type { InplaceOptions } from "../activation.ts";
import { dimension } from "../sizes.ts";

/** An activation and its in-place form, which take the same numbers after the input. */
function pair(name: string) {
  const where = `nn.functional.${name}`;
  const compute = operator(where, [`aten::${name}`]);
  const overwrite = operator(where, [`aten::${name}_`]);
  return (inplace: boolean, input: Tensor, ...numbers: (number | boolean)[]): Tensor =>
    (boolean(where, "inplace", inplace) ? overwrite : compute)(input, ...numbers) as Tensor;
}

/** An activation whose one option is `inplace`. */
function inplaceOnly(name: string): (input: Tensor, options?: InplaceOptions) => Tensor {
  const call = pair(name);
  return (input, options) =>
    call(mergeOptions(`nn.functional.${name}`, { inplace: false }, options).inplace, input);
}

/** `max(0, x)`. */
export const relu = inplaceOnly("relu");
/** `min(max(0, x), 6)`. */
export const relu6 = inplaceOnly("relu6");
/** `scale (max(0, x) + min(0, alpha (exp(x) - 1)))`, with the constants of self-normalizing networks. */
export const selu = inplaceOnly("selu");
/** `x sigmoid(x)`. */
export const silu = inplaceOnly("silu");
/** `x tanh(softplus(x))`. */
export const mish = inplaceOnly("mish");
/** `relu6(x + 3) / 6`. */
export const hardsigmoid = inplaceOnly("hardsigmoid");
/** `x relu6(x + 3) / 6`. */
export const hardswish = inplaceOnly("hardswish");

const leakyReluPair = pair("leaky_relu");
const eluPair = pair("elu");
const celuPair = pair("celu");
const rreluPair = pair("rrelu");
const hardtanhPair = pair("hardtanh");
const thresholdPair = pair("threshold");

/** `x` above 0, below it times `negativeSlope` (0.01). */
export function leakyRelu(input: Tensor, options?: { negativeSlope?: number } & InplaceOptions): Tensor {
  const where = "nn.functional.leakyRelu";
  const { negativeSlope, inplace } = mergeOptions(where, { negativeSlope: 0.01, inplace: false }, options);
  return leakyReluPair(inplace, input, number(where, "negativeSlope", negativeSlope));
}

/** `x` above 0, below it `alpha (exp(x) - 1)`; `alpha` is 1. */
export function elu(input: Tensor, options?: { alpha?: number } & InplaceOptions): Tensor {
  const { alpha, inplace } = mergeOptions("nn.functional.elu", { alpha: 1, inplace: false }, options);
  return eluPair(inplace, input, number("nn.functional.elu", "alpha", alpha));
}

/** `x` above 0, below it `alpha (exp(x / alpha) - 1)`; `alpha` is 1. */
export function celu(input: Tensor, options?: { alpha?: number } & InplaceOptions): Tensor {
  const { alpha, inplace } = mergeOptions("nn.functional.celu", { alpha: 1, inplace: false }, options);
  return celuPair(inplace, input, number("nn.functional.celu", "alpha", alpha));
}

/** Leaky ReLU whose slope is drawn between `lower` (1/8) and `upper` (1/3) in training, else in their middle. */
export function rrelu(
  input: Tensor,
  options?: { lower?: number; upper?: number; training?: boolean } & InplaceOptions,
): Tensor {
  const defaults = { lower: 1 / 8, upper: 1 / 3, training: false, inplace: false };
  const { lower, upper, training, inplace } = mergeOptions("nn.functional.rrelu", defaults, options);
  return rreluPair(inplace, input, lower, upper, training);
}

/** `x` between `minVal` (-1) and `maxVal` (1), else the nearer of the two. */
export function hardtanh(
  input: Tensor,
  options?: { minVal?: number; maxVal?: number } & InplaceOptions,
): Tensor {
  const where = "nn.functional.hardtanh";
  const { minVal, maxVal, inplace } = mergeOptions(where, { minVal: -1, maxVal: 1, inplace: false }, options);
  return hardtanhPair(inplace, input, minVal, number(where, "maxVal", maxVal, { min: minVal }));
}

/** `x` above `threshold`, else `value`. */
export function threshold(input: Tensor, above: number, value: number, options?: InplaceOptions): Tensor {
  const { inplace } = mergeOptions("nn.functional.threshold", { inplace: false }, options);
  return thresholdPair(inplace, input, above, value);
}

const preluOperator = operator("nn.functional.prelu", ["aten::prelu"]);
const geluOperator = operator("nn.functional.gelu", ["aten::gelu"]);
const gluOperator = operator("nn.functional.glu", ["aten::glu"]);
const softplusOperator = operator("nn.functional.softplus", ["aten::softplus"]);
const hardshrinkOperator = operator("nn.functional.hardshrink", ["aten::hardshrink"]);
const softshrinkOperator = operator("nn.functional.softshrink", ["aten::softshrink"]);
const logSigmoidOperator = operator("nn.functional.logsigmoid", ["aten::log_sigmoid"]);
const sigmoidOperator = operator("nn.functional.sigmoid", ["aten::sigmoid"]);
const tanhOperator = operator("nn.functional.tanh", ["aten::tanh"]);
const softmaxOperator = operator("nn.functional.softmax", ["aten::softmax.int"]);
const logSoftmaxOperator = operator("nn.functional.logSoftmax", ["aten::log_softmax.int"]);

/**
 * `x` above 0, below it times a slope that is learned.
 *
 * @param weight - the slopes below 0, [1] or [channels]
 */
export function prelu(input: Tensor, weight: Tensor): Tensor {
  return preluOperator(input, weight) as Tensor;
}

/** `x` times the distribution function of the normal distribution at `x`, or its approximation by `tanh`. */
export function gelu(input: Tensor, options?: { approximate?: "none" | "tanh" }): Tensor {
  const where = "nn.functional.gelu";
  const { approximate } = mergeOptions<{ approximate: "none" | "tanh" }>(
    where,
    { approximate: "none" },
    options,
  );
  return geluOperator(input, {
    approximate: oneOf(where, "approximate", approximate, ["none", "tanh"]),
  }) as Tensor;
}

/** The first half times the sigmoid of the second, along `dim` (-1). */
export function glu(input: Tensor, options?: { dim?: number }): Tensor {
  return gluOperator(input, mergeOptions("nn.functional.glu", { dim: -1 }, options).dim) as Tensor;
}

/** `log(1 + exp(beta x)) / beta`, and `x` where `beta x` is above `threshold` (20); `beta` is 1. */
export function softplus(input: Tensor, options?: { beta?: number; threshold?: number }): Tensor {
  const { beta, threshold } = mergeOptions("nn.functional.softplus", { beta: 1, threshold: 20 }, options);
  return softplusOperator(input, beta, threshold) as Tensor;
}

/** `x` where it is further from 0 than `lambd` (0.5), else 0. */
export function hardshrink(input: Tensor, options?: { lambd?: number }): Tensor {
  return hardshrinkOperator(
    input,
    mergeOptions("nn.functional.hardshrink", { lambd: 0.5 }, options).lambd,
  ) as Tensor;
}

/** `x` moved towards 0 by `lambd` (0.5), but not past it. */
export function softshrink(input: Tensor, options?: { lambd?: number }): Tensor {
  return softshrinkOperator(
    input,
    mergeOptions("nn.functional.softshrink", { lambd: 0.5 }, options).lambd,
  ) as Tensor;
}

/** `1 / (1 + exp(-x))`. */
export function sigmoid(input: Tensor): Tensor {
  return sigmoidOperator(input) as Tensor;
}

/** The logarithm of the sigmoid. */
export function logsigmoid(input: Tensor): Tensor {
  return logSigmoidOperator(input) as Tensor;
}

/** The hyperbolic tangent. */
export function tanh(input: Tensor): Tensor {
  return tanhOperator(input) as Tensor;
}

/** `x - tanh(x)`. */
export function tanhshrink(input: Tensor): Tensor {
  return input.sub(input.tanh());
}

/** `x / (1 + |x|)`. */
export function softsign(input: Tensor): Tensor {
  return input.div(input.abs().add(1));
}

/** A dimension, and a dtype to convert the input to first (null, none, by default). */
export interface SoftmaxOptions {
  dim: number;
  dtype?: Dtype | null;
}

function readSoftmax(where: string, options: SoftmaxOptions): [number, { dtype: Dtype | null }] {
  const defaults = { dim: undefined as number | undefined, dtype: null as Dtype | null };
  const { dim, dtype } = mergeOptions<typeof defaults>(where, defaults, options);
  return [dimension(where, "dim", dim), { dtype: dtype === null ? null : checkDtype(where, dtype) }];
}

/** Probabilities along a dimension. */
export function softmax(input: Tensor, options: SoftmaxOptions): Tensor {
  return softmaxOperator(input, ...readSoftmax("nn.functional.softmax", options)) as Tensor;
}

/** The logarithm of the probabilities along a dimension. */
export function logSoftmax(input: Tensor, options: SoftmaxOptions): Tensor {
  return logSoftmaxOperator(input, ...readSoftmax("nn.functional.logSoftmax", options)) as Tensor;
}

/** Softmax of `-x`. */
export function softmin(input: Tensor, options: SoftmaxOptions): Tensor {
  return softmaxOperator(input.neg(), ...readSoftmax("nn.functional.softmin", options)) as Tensor;
}
