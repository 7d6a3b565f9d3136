import { expected } from "../errors.ts";
import { boolean, mergeOptions, number } from "../options.ts";
import { tensor } from "../torch/creation.ts";
import { multinomial } from "../torch/generated/functions.ts";
import type { Generator } from "../torch/random.ts";
import { scope } from "../torch/scope.ts";
import { Tensor } from "../torch/tensor.ts";
import type { DictDataset } from "./dict-dataset.ts";
import { checkGenerator, checkSized, type GeneratorOption, type Sampler } from "./samplers.ts";

/** Options of a {@link WeightedRandomSampler}. */
export interface WeightedRandomSamplerOptions extends GeneratorOption {
  /** Draw each position anew from all, so that some come twice; true by default. */
  replacement: boolean;
}

/** Options of {@link WeightedRandomSampler.balanced}. */
export interface BalancedSamplerOptions extends WeightedRandomSamplerOptions {
  /** How many positions to give; by default (null) as many as there are examples that can be drawn. */
  numSamples: number | null;
  /** How often an example without a label is drawn, as a multiple of how often a class is: 0, never, by default. */
  unlabeled: number;
}

const where = "WeightedRandomSampler";
// The bound of ATen's multinomial.
const maxWeights = 2 ** 24;

/**
 * Random positions, each as likely as its weight says: the draws of `torch.multinomial`.
 * @see https://pytorch.org/docs/stable/data.html#torch.utils.data.WeightedRandomSampler
 */
export class WeightedRandomSampler implements Sampler {
  readonly drawsAtOnce = true;
  /** One for each position, not necessarily of sum 1. */
  readonly weights: Float64Array;
  readonly numSamples: number;
  readonly replacement: boolean;
  readonly generator: Generator | null;

  /**
   * @param weights - one for each position: numbers, or a tensor `[n]`
   * @param numSamples - how many positions to give
   * @throws TypeError for a weight that is negative, NaN or infinite, and where too few are above 0.
   */
  constructor(
    weights: ArrayLike<number> | Tensor,
    numSamples: number,
    options: Partial<WeightedRandomSamplerOptions> = {},
  ) {
    const defaults: WeightedRandomSamplerOptions = { replacement: true, generator: null };
    const { replacement, generator } = mergeOptions(where, defaults, options);
    this.weights = readWeights(weights);
    this.numSamples = number(where, "numSamples", numSamples, { min: 1, integer: true });
    this.replacement = boolean(where, "replacement", replacement);
    this.generator = checkGenerator(where, generator);
    const needed = this.replacement ? 1 : this.numSamples;
    const positive = this.weights.reduce((count, weight) => count + Number(weight > 0), 0);
    if (positive < needed) {
      const remedy = this.replacement ? "" : " Draw fewer, or with replacement";
      throw new TypeError(
        `[${where}] expected at least ${needed} weights above 0, got ${positive}.${remedy}`,
      );
    }
  }

  /**
   * A sampler that draws every class of a label equally often: an example of a class of `n` has the weight `1 / n`.
   * The labels are read when it is made.
   *
   * @param labelName - a label of the dataset, `[n]`, whose values are classes, -1 where there is none
   */
  static balanced(
    dataset: DictDataset,
    labelName: string,
    options: Partial<BalancedSamplerOptions> = {},
  ): WeightedRandomSampler {
    const here = `${where}.balanced`;
    const { unlabeled, numSamples, ...others } = mergeOptions<BalancedSamplerOptions>(
      here,
      { unlabeled: 0, numSamples: null, replacement: true, generator: null },
      options,
    );
    number(here, "unlabeled", unlabeled, { min: 0 });
    const label = dataset.yDict[labelName];
    if (label === undefined || label.shape.length !== 1) {
      const got = label === undefined ? labelName : label.shape;
      throw expected(here, "a label of the dataset, of one dimension,", "labelName", got);
    }
    const classes = Array.from(label.toTypedArray(), Number);
    const counts = new Map<number, number>();
    for (const value of classes) counts.set(value, (counts.get(value) ?? 0) + 1);
    const weights = classes.map((value) => (value === -1 ? unlabeled : 1) / (counts.get(value) ?? 1));
    const drawable = weights.reduce((count, weight) => count + Number(weight > 0), 0);
    return new WeightedRandomSampler(weights, numSamples ?? Math.max(drawable, 1), others);
  }

  get length(): number {
    return this.numSamples;
  }

  *[Symbol.iterator](): IterableIterator<number> {
    const { numSamples, replacement, generator } = this;
    yield* scope(() => {
      const drawn = multinomial(tensor(this.weights), numSamples, { replacement, generator });
      return drawn.to("int32").toTypedArray() as Int32Array;
    });
  }
}

function readWeights(given: ArrayLike<number> | Tensor): Float64Array {
  if (given instanceof Tensor && given.shape.length !== 1) {
    throw expected(where, "a 1-d tensor", "weights", `shape [${given.shape}]`);
  }
  const list = given instanceof Tensor ? given.toTypedArray() : checkSized(where, "weights", given);
  if (list.length > maxWeights)
    throw expected(where, `at most ${maxWeights} weights`, "weights", list.length);
  const weights = Float64Array.from(list, Number);
  const odd = weights.findIndex((weight) => !(weight >= 0 && weight < Number.POSITIVE_INFINITY));
  if (odd >= 0) throw expected(where, "a finite number, at least 0,", `weights[${odd}]`, weights[odd]);
  return weights;
}
