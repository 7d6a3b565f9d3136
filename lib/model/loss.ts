import { expected } from "../errors.ts";
import { oneOf } from "../options.ts";
import { nn, Tensor } from "../torch/index.ts";
import { Loss } from "../torch/nn/loss-module.ts";

const { functional } = nn;

/** A task's loss: the head's output and the labels of the same rows to a scalar, or to one value a row. */
export type LossFunction = (output: Tensor, labels: Tensor) => Tensor;

/**
 * Cross-entropy for labels that are probabilities:
 * `-sum over classes of target * logSoftmax(input) * weight`.
 *
 * @param input - logits, [rows, classes]
 * @param target - probabilities, [rows, classes]
 * @param options.weight - one weight a class, [classes]
 * @param options.reduction - "mean" divides by the number of rows, not by the weights' sum
 * Source: snorkel/classification/loss.py.
 */
export function crossEntropyWithProbs(
  input: Tensor,
  target: Tensor,
  options: { weight?: Tensor | null; reduction?: "none" | "mean" | "sum" } = {},
): Tensor {
  const { weight = null, reduction = "mean" } = options;
  oneOf("crossEntropyWithProbs", "reduction", reduction, ["none", "mean", "sum"]);
  const logProbs = functional.logSoftmax(input, { dim: 1 });
  const weighted = weight === null ? target.mul(logProbs) : target.mul(logProbs).mul(weight);
  const losses = weighted.sum(1).neg();
  if (reduction === "none") return losses;
  return reduction === "sum" ? losses.sum() : losses.mean();
}

/** What a loss function was seen to give for a batch: a value for each label of each row, for each row, or one for all. */
const seen = new WeakMap<LossFunction, "entries" | "rows" | "scalar">([
  [functional.crossEntropy, "scalar"],
  [crossEntropyWithProbs, "scalar"],
]);

/** An output and a label that cost nothing. */
interface Neutral {
  output: number;
  label: number;
  /** Whether the sum over `n` divided by `n` has the gradients of the mean, to the bit. */
  isSummed: boolean;
}

const nothing: Neutral = { output: 0, label: 0, isSummed: true };
const certain: Neutral = { output: 1, label: 1, isSummed: false };
// The logarithm of its sigmoid is 0, in 16 bits too.
const certainLogit: Neutral = { output: 1e4, label: 1, isSummed: false };

/** Losses of torch.nn that are a mean of one value for each label of each row. */
const entryWise: ReadonlyMap<LossFunction, Neutral> = new Map<LossFunction, Neutral>([
  [functional.binaryCrossEntropy, certain],
  [functional.binaryCrossEntropyWithLogits, certainLogit],
  [functional.mseLoss, nothing],
  [functional.l1Loss, nothing],
  [functional.smoothL1Loss, nothing],
  [functional.huberLoss, nothing],
]);

/** The same as modules. */
const entryWiseModules = [
  [nn.BCELoss, certain],
  [nn.BCEWithLogitsLoss, certainLogit],
  [nn.MSELoss, nothing],
  [nn.L1Loss, nothing],
  [nn.SmoothL1Loss, nothing],
  [nn.HuberLoss, nothing],
] as const;

/** The mean of what a loss function gives, which may be one value a row. */
export function meanLoss(lossFunc: LossFunction, output: Tensor, labels: Tensor): Tensor {
  const loss = lossOf(lossFunc, output, labels);
  return loss.shape.length === 0 ? loss : loss.mean();
}

/** The mean of what a loss function gives for the active rows alone. */
export function meanLossOfActive(
  lossFunc: LossFunction,
  output: Tensor,
  labels: Tensor,
  active: Tensor,
): Tensor {
  const rows = active.nonzero().squeeze(1);
  const loss = lossOf(lossFunc, output.indexSelect(0, rows), labels.indexSelect(0, rows));
  if (loss.shape.length === 0) return loss;
  // Summed in the same places as by `maskedLoss`, which has the last bits.
  return meanOfActive(loss.newZeros([active.size(0)]).indexCopy(0, rows, loss), active);
}

/** @throws TypeError for a loss that is no Tensor. */
function lossOf(lossFunc: LossFunction, output: Tensor, labels: Tensor): Tensor {
  const loss: unknown = lossFunc(output, labels);
  if (!(loss instanceof Tensor)) throw expected("lossFunc", "a Tensor", "the loss", loss);
  const isOfEntries = loss.shape.length > 1 && `${loss.shape}` === `${labels.shape}`;
  seen.set(lossFunc, loss.shape.length === 0 ? "scalar" : isOfEntries ? "entries" : "rows");
  return loss;
}

/**
 * The mean loss over the labels that are there, of rows with several labels each, with shapes that do not depend on how
 * many they are. Null for a loss that is none of single labels.
 *
 * @param labels - [rows, ...], -1 where there is none
 */
export function lossOfEntries(
  lossFunc: LossFunction,
  lossModule: nn.Module | null,
  output: Tensor,
  labels: Tensor,
): Tensor | null {
  const neutral = neutralOf(lossFunc, lossModule);
  const mayBe =
    neutral !== undefined || (labels.shape.length > 1 && (seen.get(lossFunc) ?? "entries") === "entries");
  if (!mayBe || `${output.shape}` !== `${labels.shape}`) return null;
  const known = labels.ne(-1);
  if (neutral !== undefined) {
    const inputs = withoutUnknown(output, labels, known, neutral);
    const reduction = reductionOf(lossModule);
    if (reduction === "sum") return lossFunc(...inputs);
    if (reduction === "mean" && neutral.isSummed)
      return reduced("sum", lossFunc, lossModule, inputs).div(known.sum());
    // Where all labels are there the share is 1, and the loss PyTorch's to the bit.
    const share = known.sum().div(known.numel());
    return lossFunc(...inputs)
      .mean()
      .div(share);
  }
  const given = labels.where(known, 0);
  if (!seen.has(lossFunc)) lossOf(lossFunc, output, given);
  return seen.get(lossFunc) === "entries" ? meanOfActive(lossFunc(output, given), known) : null;
}

/**
 * One loss a row, where a loss is one of single labels: the mean over those that the row has. Null for another loss.
 *
 * @param labels - [rows, ...], -1 where there is none
 */
export function entryLossesOfRows(
  lossFunc: LossFunction,
  lossModule: nn.Module | null,
  output: Tensor,
  labels: Tensor,
): Tensor | null {
  const neutral = neutralOf(lossFunc, lossModule);
  if (neutral === undefined || `${output.shape}` !== `${labels.shape}`) return null;
  const known = labels.ne(-1);
  const inputs = withoutUnknown(output, labels, known, neutral);
  return meanOfRows(reduced("none", lossFunc, lossModule, inputs), known);
}

/** The mean over what is known of each row, [rows]; of a row of which nothing is known, 0. */
export function meanOfRows(losses: Tensor, known: Tensor): Tensor {
  if (losses.shape.length === 1) return losses;
  const counts = known.flatten(1).sum(1).clampMin(1);
  return losses.where(known, 0).flatten(1).sum(1).div(counts);
}

/**
 * The mean loss over the active rows alone, with shapes that do not depend on how many they are, so that a step over
 * partly labelled rows can be recorded and replayed. Null for a loss that gives one value for all rows, or was not seen
 * yet: only its caller knows how to leave rows out.
 *
 * @param active - which rows carry a label, [rows], boolean
 */
export function maskedLoss(
  lossFunc: LossFunction,
  output: Tensor,
  labels: Tensor,
  active: Tensor,
): Tensor | null {
  if (lossFunc === functional.crossEntropy && labels.shape.length === 1) {
    return functional.crossEntropy(output, labels, { ignoreIndex: -1 });
  }
  if (lossFunc === crossEntropyWithProbs) {
    return meanOfActive(crossEntropyWithProbs(output, labels, { reduction: "none" }), active);
  }
  return seen.get(lossFunc) === "rows"
    ? meanOfActive(lossesOfRows(lossFunc, output, labels, active), active)
    : null;
}

/** One loss a row. What the function gives for an inactive row, for a label of 0, does not count. */
export function lossesOfRows(lossFunc: LossFunction, output: Tensor, labels: Tensor, active: Tensor): Tensor {
  const mask = active.view([labels.size(0), ...labels.shape.slice(1).map(() => 1)]);
  return lossFunc(output, labels.where(mask, 0));
}

/** The mean of one loss a row over the active rows. */
export function meanOfActive(losses: Tensor, active: Tensor): Tensor {
  return losses.where(active, 0).sum().div(active.sum());
}

function reductionOf(module: nn.Module | null): string {
  return module instanceof Loss ? module.options.reduction : "mean";
}

function neutralOf(lossFunc: LossFunction, lossModule: nn.Module | null): Neutral | undefined {
  const [, ofModule] = entryWiseModules.find(([Module]) => lossModule instanceof Module) ?? [];
  return ofModule ?? entryWise.get(lossFunc);
}

/** Output and labels, with what costs nothing where a label is not known. */
function withoutUnknown(output: Tensor, labels: Tensor, known: Tensor, neutral: Neutral): [Tensor, Tensor] {
  return [output.where(known, neutral.output), labels.where(known, neutral.label)];
}

function reduced(
  reduction: "none" | "sum",
  loss: LossFunction,
  module: nn.Module | null,
  inputs: readonly [Tensor, Tensor],
): Tensor {
  if (module instanceof Loss) return module.reduced(reduction, ...inputs);
  return (loss as typeof functional.mseLoss)(...inputs, { reduction });
}
