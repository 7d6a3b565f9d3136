import { expected } from "../../../errors.ts";
import { boolean, mergeOptions, number, oneOf } from "../../../options.ts";
import { broadcastTensors } from "../../generated/functions.ts";
import { operator } from "../../operators.ts";
import type { Tensor } from "../../tensor.ts";
import {
  type BinaryCrossEntropyOptions,
  type BinaryCrossEntropyWithLogitsOptions,
  binaryCrossEntropyDefaults,
  binaryCrossEntropyWithLogitsDefaults,
  type CrossEntropyOptions,
  crossEntropyDefaults,
  type KLDivOptions,
  klDivDefaults,
  type NLLLossOptions,
  nllLossDefaults,
  type ReductionOptions,
  reductionDefaults,
} from "./loss-options.ts";
import { divergenceReductions, reductionNumber } from "./reduction.ts";

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
  const { weight, reduction, ignoreIndex, labelSmoothing } = mergeOptions(
    where,
    crossEntropyDefaults,
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
  const { weight, reduction, ignoreIndex } = mergeOptions(where, nllLossDefaults, options);
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
  const { weight, reduction } = mergeOptions(where, binaryCrossEntropyDefaults, options);
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
  const { weight, posWeight, reduction } = mergeOptions(where, binaryCrossEntropyWithLogitsDefaults, options);
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
  return mse(input, target, mergeOptions("nn.functional.mseLoss", reductionDefaults, options).reduction);
}

/** Absolute differences. */
export function l1Loss(input: Tensor, target: Tensor, options?: ReductionOptions): Tensor {
  return l1(input, target, mergeOptions("nn.functional.l1Loss", reductionDefaults, options).reduction);
}

/** Squared differences over `2 beta` below `beta` (1), absolute ones less `beta / 2` above. */
export function smoothL1Loss(
  input: Tensor,
  target: Tensor,
  options?: ReductionOptions & { beta?: number },
): Tensor {
  const where = "nn.functional.smoothL1Loss";
  const { reduction, beta } = mergeOptions(where, { ...reductionDefaults, beta: 1 }, options);
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
  const { reduction, delta } = mergeOptions(where, { ...reductionDefaults, delta: 1 }, options);
  return huber(input, target, reduction, number(where, "delta", delta, { above: 0 }));
}

/** The Kullback-Leibler divergence of log-probabilities from probabilities, of one size. */
export function klDiv(input: Tensor, target: Tensor, options?: KLDivOptions): Tensor {
  const where = "nn.functional.klDiv";
  const { reduction, logTarget } = mergeOptions(where, klDivDefaults, options);
  oneOf(where, "reduction", reduction, divergenceReductions);
  const code = reductionNumber(where, reduction === "batchmean" ? "sum" : reduction);
  const reduced = klDivOperator(input, target, code, {
    logTarget: boolean(where, "logTarget", logTarget),
  }) as Tensor;
  const [batch] = input.shape;
  return reduction === "batchmean" && batch !== undefined ? reduced.div(batch) : reduced;
}
