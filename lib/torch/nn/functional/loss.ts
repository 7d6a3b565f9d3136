import { expected } from "../../../errors.ts";
import { boolean, mergeOptions, number, oneOf } from "../../../options.ts";
import { broadcastTensors } from "../../generated/functions.ts";
import { operator } from "../../operators.ts";
import type { Tensor } from "../../tensor.ts";

/** What becomes of the losses of single elements: they stay, or their mean or sum is taken. */
export type Reduction = "none" | "mean" | "sum";

export const reductions: readonly Reduction[] = ["none", "mean", "sum"];

export interface ReductionOptions {
  /** "mean" by default. */
  reduction?: Reduction;
}

export interface NLLLossOptions extends ReductionOptions {
  /** A weight for each class: [classes]. */
  weight?: Tensor | null;
  /** Rows with this label do not count; -100 by default. */
  ignoreIndex?: number;
}

export interface CrossEntropyOptions extends NLLLossOptions {
  /** How much of the target is spread over all classes: 0 (the default) to 1. */
  labelSmoothing?: number;
}

export interface BinaryCrossEntropyOptions extends ReductionOptions {
  /** A weight for each element, of a shape that fits the target's. */
  weight?: Tensor | null;
}

export interface BinaryCrossEntropyWithLogitsOptions extends BinaryCrossEntropyOptions {
  /** A weight for the positives of each class. */
  posWeight?: Tensor | null;
}

const noReduction = { reduction: "mean" as Reduction };
const noWeight = { ...noReduction, weight: null as Tensor | null };

/** ATen's number for a reduction. */
function reductionNumber(where: string, reduction: unknown): number {
  return reductions.indexOf(oneOf(where, "reduction", reduction, reductions));
}

const crossEntropyOperator = operator("nn.functional.crossEntropy", ["aten::cross_entropy_loss"]);
const nllLossOperator = operator("nn.functional.nllLoss", ["aten::nll_loss_nd"]);
const bceOperator = operator("nn.functional.binaryCrossEntropy", ["aten::binary_cross_entropy"]);
const bceLogitsOperator = operator("nn.functional.binaryCrossEntropyWithLogits", [
  "aten::binary_cross_entropy_with_logits",
]);
const klDivOperator = operator("nn.functional.klDiv", ["aten::kl_div"]);

/**
 * Cross-entropy of logits and labels, or class probabilities.
 *
 * @param input - logits: [batch, classes], [classes] or [batch, classes, ...]
 * @param target - int64 labels without the class dimension, or floating probabilities of the input's shape
 * @throws RangeError for a label that is out of range and not `ignoreIndex`.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.cross_entropy.html
 */
export function crossEntropy(input: Tensor, target: Tensor, options?: CrossEntropyOptions): Tensor {
  const where = "nn.functional.crossEntropy";
  const defaults = { ...noWeight, ignoreIndex: -100, labelSmoothing: 0 };
  const { weight, reduction, ignoreIndex, labelSmoothing } = mergeOptions<typeof defaults>(
    where,
    defaults,
    options,
  );
  number(where, "labelSmoothing", labelSmoothing, { min: 0, max: 1 });
  const numbers = [reductionNumber(where, reduction), ignoreIndex, labelSmoothing];
  return crossEntropyOperator(input, target, weight, ...numbers) as Tensor;
}

/**
 * The negative of the log-probabilities that the labels pick.
 *
 * @param input - log-probabilities: [batch, classes], [classes] or [batch, classes, ...]
 * @param target - int64 labels without the class dimension
 * @throws RangeError for a label that is out of range and not `ignoreIndex`.
 */
export function nllLoss(input: Tensor, target: Tensor, options?: NLLLossOptions): Tensor {
  const where = "nn.functional.nllLoss";
  const defaults = { ...noWeight, ignoreIndex: -100 };
  const { weight, reduction, ignoreIndex } = mergeOptions<typeof defaults>(where, defaults, options);
  return nllLossOperator(input, target, weight, reductionNumber(where, reduction), ignoreIndex) as Tensor;
}

function checkSameSize(where: string, input: Tensor, target: Tensor): void {
  if (`${input.shape}` !== `${target.shape}`) {
    throw expected(where, `the input's size [${input.shape}]`, "the size of target", `[${target.shape}]`);
  }
}

/** Cross-entropy of probabilities and targets from 0 to 1, of one size. */
export function binaryCrossEntropy(
  input: Tensor,
  target: Tensor,
  options?: BinaryCrossEntropyOptions,
): Tensor {
  const where = "nn.functional.binaryCrossEntropy";
  const { weight, reduction } = mergeOptions<typeof noWeight>(where, noWeight, options);
  checkSameSize(where, input, target);
  const expanded = weight === null ? null : weight.expandAs(target);
  return bceOperator(input, target, expanded, reductionNumber(where, reduction)) as Tensor;
}

/** The sigmoid and cross-entropy in one, of logits and targets from 0 to 1, of one size. */
export function binaryCrossEntropyWithLogits(
  input: Tensor,
  target: Tensor,
  options?: BinaryCrossEntropyWithLogitsOptions,
): Tensor {
  const where = "nn.functional.binaryCrossEntropyWithLogits";
  const defaults = { ...noWeight, posWeight: null as Tensor | null };
  const { weight, posWeight, reduction } = mergeOptions<typeof defaults>(where, defaults, options);
  checkSameSize(where, input, target);
  return bceLogitsOperator(input, target, weight, posWeight, reductionNumber(where, reduction)) as Tensor;
}

const warned = new Set<string>();

/** The tensors in one shape. Different sizes are allowed, as in PyTorch, and warned of once for each function. */
function broadcastWithWarning(where: string, input: Tensor, target: Tensor): Tensor[] {
  if (`${input.shape}` !== `${target.shape}` && !warned.has(where)) {
    warned.add(where);
    process.emitWarning(
      `[${where}] the target's size [${target.shape}] differs from the input's [${input.shape}]: broadcasting them ` +
        "is likely a mistake. Give both one size",
    );
  }
  return broadcastTensors([input, target]);
}

/** A loss of the differences between input and target, of one size. */
function difference(name: string, schema: string) {
  const where = `nn.functional.${name}`;
  const call = operator(where, [`aten::${schema}`]);
  return (input: Tensor, target: Tensor, reduction: unknown, ...numbers: number[]): Tensor => {
    const code = reductionNumber(where, reduction);
    return call(...broadcastWithWarning(where, input, target), code, ...numbers) as Tensor;
  };
}

const mse = difference("mseLoss", "mse_loss");
const l1 = difference("l1Loss", "l1_loss");
const smoothL1 = difference("smoothL1Loss", "smooth_l1_loss");
const huber = difference("huberLoss", "huber_loss");

/** Squared differences. */
export function mseLoss(input: Tensor, target: Tensor, options?: ReductionOptions): Tensor {
  return mse(input, target, mergeOptions("nn.functional.mseLoss", noReduction, options).reduction);
}

/** Absolute differences. */
export function l1Loss(input: Tensor, target: Tensor, options?: ReductionOptions): Tensor {
  return l1(input, target, mergeOptions("nn.functional.l1Loss", noReduction, options).reduction);
}

/** Squared differences over `2 beta` below `beta` (1), absolute ones less `beta / 2` above. */
export function smoothL1Loss(
  input: Tensor,
  target: Tensor,
  options?: ReductionOptions & { beta?: number },
): Tensor {
  const where = "nn.functional.smoothL1Loss";
  const { reduction, beta } = mergeOptions(where, { ...noReduction, beta: 1 }, options);
  if (number(where, "beta", beta, { min: 0 }) === 0) return l1(input, target, reduction);
  return smoothL1(input, target, reduction, beta);
}

/** Half the squared differences below `delta` (1), `delta` times the absolute ones less `delta / 2` above. */
export function huberLoss(
  input: Tensor,
  target: Tensor,
  options?: ReductionOptions & { delta?: number },
): Tensor {
  const where = "nn.functional.huberLoss";
  const { reduction, delta } = mergeOptions(where, { ...noReduction, delta: 1 }, options);
  return huber(input, target, reduction, number(where, "delta", delta, { above: 0 }));
}

export interface KLDivOptions {
  /** "mean" (the default) divides by the number of elements; "batchmean", as the definition asks, by the batch alone. */
  reduction?: Reduction | "batchmean";
  /** Whether the target holds log-probabilities; false by default. */
  logTarget?: boolean;
}

/** The Kullback-Leibler divergence of log-probabilities from probabilities, of one size. */
export function klDiv(input: Tensor, target: Tensor, options?: KLDivOptions): Tensor {
  const where = "nn.functional.klDiv";
  const defaults = { reduction: "mean" as Reduction | "batchmean", logTarget: false };
  const { reduction, logTarget } = mergeOptions<typeof defaults>(where, defaults, options);
  oneOf(where, "reduction", reduction, [...reductions, "batchmean"]);
  const code = reductionNumber(where, reduction === "batchmean" ? "sum" : reduction);
  const reduced = klDivOperator(input, target, code, {
    logTarget: boolean(where, "logTarget", logTarget),
  }) as Tensor;
  const [batch] = input.shape;
  return reduction === "batchmean" && batch !== undefined ? reduced.div(batch) : reduced;
}
