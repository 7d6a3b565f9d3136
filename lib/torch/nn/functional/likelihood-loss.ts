import { expected } from "../../../errors.ts";
import { boolean, mergeOptions, number } from "../../../options.ts";
import { noGrad } from "../../autograd.ts";
import { onesLike } from "../../generated/functions.ts";
import { operator } from "../../operators.ts";
import { scope } from "../../scope.ts";
import { Tensor } from "../../tensor.ts";
import { linear } from "./linear.ts";
import { crossEntropy } from "./loss.ts";
import {
  type CTCLossOptions,
  ctcDefaults,
  type GaussianNLLLossOptions,
  gaussianDefaults,
  type LinearCrossEntropyOptions,
  linearCrossEntropyDefaults,
  type PoissonNLLLossOptions,
  poissonDefaults,
} from "./loss-options.ts";
import { reduce, reductionNumber } from "./reduction.ts";

const ctc = operator("nn.functional.ctcLoss", ["aten::ctc_loss.IntList", "aten::ctc_loss.Tensor"]);
const poisson = operator("nn.functional.poissonNllLoss", ["aten::poisson_nll_loss"]);

/**
 * Connectionist temporal classification: the negative log-probability of the targets under all ways to spread them over
 * the inputs. "mean" divides each loss by its target's length first.
 *
 * @param logProbs - float32 or float64 [time, batch, classes], or [time, classes]
 * @param targets - integers [batch, longest], or those of all rows in a row
 * @param inputLengths - how many steps of each input count: [batch]
 * @param targetLengths - how many labels of each target count: [batch]; numbers where inputLengths are
 * @throws Error for lengths and labels that are out of range.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.ctc_loss.html
 */
export function ctcLoss(
  logProbs: Tensor,
  targets: Tensor,
  inputLengths: Tensor | readonly number[],
  targetLengths: Tensor | readonly number[],
  options?: CTCLossOptions,
): Tensor {
  const where = "nn.functional.ctcLoss";
  const { blank, reduction, zeroInfinity } = mergeOptions(where, ctcDefaults, options);
  const numbers = [blank, reductionNumber(where, reduction), zeroInfinity];
  return ctc(logProbs, targets, inputLengths, targetLengths, ...numbers) as Tensor;
}

/**
 * The negative log-likelihood of counts under Poisson distributions, whose rates (or their logarithms) are the input.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.poisson_nll_loss.html
 */
export function poissonNllLoss(input: Tensor, target: Tensor, options?: PoissonNLLLossOptions): Tensor {
  const where = "nn.functional.poissonNllLoss";
  const { logInput, full, eps, reduction } = mergeOptions(where, poissonDefaults, options);
  return poisson(input, target, logInput, full, eps, reductionNumber(where, reduction)) as Tensor;
}

/**
 * The negative log-likelihood of targets under normal distributions, whose means are the input.
 *
 * @param variance - one for all, or a tensor of the input's size, where the last dimension may be left out or a
 *   dimension be of size 1
 * @throws TypeError for a negative variance, or one whose size does not fit.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.gaussian_nll_loss.html
 */
export function gaussianNllLoss(
  input: Tensor,
  target: Tensor,
  variance: Tensor | number,
  options?: GaussianNLLLossOptions,
): Tensor {
  const where = "nn.functional.gaussianNllLoss";
  const { full, eps, reduction } = mergeOptions(where, gaussianDefaults, options);
  const bounded = readVariance(where, variance, input).clone();
  noGrad(() => bounded.clampMin_(number(where, "eps", eps, { min: 0 })));
  const losses = bounded.log().add(input.sub(target).pow(2).div(bounded)).mul(0.5);
  const constant = boolean(where, "full", full) ? losses.add(0.5 * Math.log(2 * Math.PI)) : losses;
  return reduce(where, constant, reduction);
}

/** The variance in a shape that is broadcast to the input's. */
function readVariance(where: string, variance: Tensor | number, input: Tensor): Tensor {
  if (!(variance instanceof Tensor))
    return onesLike(input).mul(number(where, "variance", variance, { min: 0 }));
  if (scope(() => variance.lt(0).any().item()))
    throw expected(
      where,
      "variances of at least 0",
      "variance",
      variance,
      "Give it a softplus or an exponential",
    );
  const [given, wanted] = [variance.shape, input.shape];
  if (`${given}` === `${wanted.slice(0, -1)}` && given.length < wanted.length) return variance.unsqueeze(-1);
  const different = given.filter((size, dim) => size !== wanted[dim]);
  const isBroadcast = different.length === 0 || (different.length === 1 && different[0] === 1);
  if (given.length === wanted.length && isBroadcast) return variance;
  throw expected(where, `a size that fits the input's [${wanted}]`, "variance", given);
}

/**
 * A linear layer and cross-entropy in one call.
 *
 * @param input - [batch, inFeatures] or [inFeatures]
 * @param linearWeight - [classes, inFeatures], or [classes, ..., inFeatures] for logits of [batch, classes, ...]
 * @param target - what crossEntropy takes for such logits
 * @param options.linearBias - [classes, ...]; null, none, by default
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.linear_cross_entropy.html
 */
export function linearCrossEntropy(
  input: Tensor,
  linearWeight: Tensor,
  target: Tensor,
  options?: LinearCrossEntropyOptions & { linearBias?: Tensor | null },
): Tensor {
  const where = "nn.functional.linearCrossEntropy";
  const defaults = { ...linearCrossEntropyDefaults, linearBias: null as Tensor | null };
  const { linearBias, ignoreIndex, ...others } = mergeOptions(where, defaults, options);
  const [batch, inFeatures] = [input.shape.slice(0, -1), input.shape.at(-1)];
  const [outputs, weightFeatures] = [linearWeight.shape.slice(0, -1), linearWeight.shape.at(-1)];
  if (inFeatures === undefined || batch.length > 1)
    throw expected(where, "1 or 2 dimensions", "input", input.shape);
  if (outputs.length === 0)
    throw expected(where, "at least 2 dimensions", "linearWeight", linearWeight.shape);
  if (inFeatures !== weightFeatures)
    throw expected(
      where,
      `the ${inFeatures} features of input last`,
      "the size of linearWeight",
      `[${linearWeight.shape}]`,
    );
  if (linearBias !== null && `${linearBias.shape}` !== `${outputs}`)
    throw expected(where, `[${outputs}]`, "the size of linearBias", `[${linearBias.shape}]`);
  if (outputs.length > 1 && batch.length === 0)
    throw expected(where, "a batch: 2 dimensions", "input", input.shape);
  const shape = [...batch, ...outputs];
  if (ignoreIndex !== null && `${target.shape}` === `${shape}`)
    throw expected(where, "null with a target of probabilities", "ignoreIndex", ignoreIndex);
  const flat = outputs.length === 1 ? linearWeight : linearWeight.reshape([-1, inFeatures]);
  const bias = outputs.length === 1 || linearBias === null ? linearBias : linearBias.reshape([-1]);
  const logits = linear(input, flat, bias).reshape(shape);
  return crossEntropy(logits, target, { ...others, ignoreIndex: ignoreIndex ?? -100 });
}
