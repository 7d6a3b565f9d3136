import { expected } from "../../errors.ts";
import { boolean, mergeOptions, number } from "../../options.ts";
import { cat } from "../generated/functions.ts";
import type { Tensor } from "../tensor.ts";
import { type FactoryOptions, factoryDefaults, readFactory } from "./factory.ts";
import { logSoftmax } from "./functional/activation.ts";
import { Linear } from "./linear.ts";
import { Module } from "./module.ts";
import { ModuleList } from "./module-list.ts";
import { Sequential } from "./sequential.ts";
import { size } from "./sizes.ts";

export interface AdaptiveLogSoftmaxOptions extends FactoryOptions {
  /** By how much the features of each cluster are fewer than those of the one before; 4 by default. */
  divValue?: number;
  /** Whether the head adds a learned bias; false by default. */
  headBias?: boolean;
}

/**
 * Softmax over very many classes, sorted by how frequent they are: the head knows the most frequent ones and one cluster
 * for each range of the others, which has fewer features. After Grave, Joulin, Cissé, Grangier and Jégou, "Efficient
 * softmax approximation for GPUs", 2017.
 *
 * Which rows go through which cluster depends on the labels, as in PyTorch: its work cannot be foretold from shapes.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.AdaptiveLogSoftmaxWithLoss.html
 */
export class AdaptiveLogSoftmaxWithLoss extends Module {
  readonly inFeatures: number;
  readonly nClasses: number;
  /** Where each range of classes ends, the last at nClasses. */
  readonly cutoffs: readonly number[];
  readonly divValue: number;
  readonly headBias: boolean;
  readonly head: Linear;
  readonly tail: ModuleList;

  /** @param cutoffs - where the ranges of classes end: rising whole numbers from 1 to nClasses - 1, at least one */
  constructor(
    inFeatures: number,
    nClasses: number,
    cutoffs: readonly number[],
    options?: AdaptiveLogSoftmaxOptions,
  ) {
    super();
    const where = "nn.AdaptiveLogSoftmaxWithLoss";
    const defaults = { divValue: 4, headBias: false, ...factoryDefaults };
    const { divValue, headBias, ...given } = mergeOptions<typeof defaults>(where, defaults, options);
    const factory = readFactory(where, given);
    this.inFeatures = size(where, "inFeatures", inFeatures);
    this.nClasses = size(where, "nClasses", nClasses);
    this.cutoffs = [...readCutoffs(where, cutoffs, nClasses), nClasses];
    this.divValue = number(where, "divValue", divValue, { above: 0 });
    this.headBias = boolean(where, "headBias", headBias);
    const [shortlist = 0] = this.cutoffs;
    const clusters = this.cutoffs.slice(1).map((end, i) => end - (this.cutoffs[i] as number));
    this.head = new Linear(inFeatures, shortlist + clusters.length, { bias: headBias, ...factory });
    this.tail = new ModuleList(
      clusters.map((classes, i) => {
        const features = size(
          where,
          "the features of a cluster",
          Math.floor(inFeatures / divValue ** (i + 1)),
        );
        return new Sequential(
          new Linear(inFeatures, features, { bias: false, ...factory }),
          new Linear(features, classes, { bias: false, ...factory }),
        );
      }),
    );
  }

  /** How many classes the head knows by themselves. */
  get shortlistSize(): number {
    return this.cutoffs[0] as number;
  }

  /**
   * @param input - [batch, inFeatures] or [inFeatures]
   * @param target - int64 labels: [batch], or without dimensions
   * @returns the log-probability of each label, and minus their mean
   * @throws TypeError for a label that is out of range.
   */
  override forward(input: Tensor, target: Tensor): { output: Tensor; loss: Tensor } {
    const where = "nn.AdaptiveLogSoftmaxWithLoss";
    const isBatched = target.shape.length === 1;
    if (target.shape.length > 1) throw expected(where, "0 or 1 dimensions", "target", target.shape);
    if (input.shape.length !== target.shape.length + 1 || (isBatched && input.size(0) !== target.size(0)))
      throw expected(
        where,
        `a row for each label: [${[...target.shape, this.inFeatures]}]`,
        "input",
        input.shape,
      );
    const [rows, labels] = isBatched ? [input, target] : [input.unsqueeze(0), target.unsqueeze(0)];
    const isOutside = labels.lt(0).logicalOr(labels.ge(this.nClasses));
    if (isOutside.any().item())
      throw expected(where, `labels from 0 to ${this.nClasses - 1}`, "target", labels);
    const { output, places } = this.clusters(rows, labels);
    const headLogProbs = logSoftmax(this.head.forward(rows), { dim: 1 });
    const sums = output.add_(headLogProbs.gather(1, places.unsqueeze(1)).squeeze(1));
    return { output: isBatched ? sums : sums.squeeze(0), loss: sums.neg().mean() };
  }

  /** Each label's log-probability within its cluster, 0 in the shortlist, and its place in the head. */
  private clusters(rows: Tensor, labels: Tensor): { output: Tensor; places: Tensor } {
    const output = rows.newZeros([labels.size(0)]);
    const places = labels.clone();
    for (const [cluster, end] of this.cutoffs.slice(1).entries()) {
      const start = this.cutoffs[cluster] as number;
      const members = labels.ge(start).logicalAnd(labels.lt(end)).nonzero().squeeze(1);
      if (members.size(0) === 0) continue;
      const relative = labels.indexSelect(0, members).sub(start).unsqueeze(1);
      const logProbs = this.logProbsOf(cluster, rows.indexSelect(0, members));
      places.indexFill_(0, members, this.shortlistSize + cluster);
      output.indexCopy_(0, members, logProbs.gather(1, relative).squeeze(1));
    }
    return { output, places };
  }

  private logProbsOf(cluster: number, rows: Tensor): Tensor {
    return logSoftmax(this.tail.at(cluster)?.forward(rows) as Tensor, { dim: 1 });
  }

  /** The log-probability of every class: [batch, inFeatures] to [batch, nClasses]. */
  logProb(input: Tensor): Tensor {
    return this.fullLogProb(input, this.head.forward(input));
  }

  private fullLogProb(input: Tensor, headOutput: Tensor): Tensor {
    const headLogProbs = logSoftmax(headOutput, { dim: 1 });
    const clusters = Array.from(this.tail, (_, cluster) =>
      this.logProbsOf(cluster, input).add(headLogProbs.narrow(1, this.shortlistSize + cluster, 1)),
    );
    return cat([headLogProbs.narrow(1, 0, this.shortlistSize), ...clusters], 1);
  }

  /** The most probable class of each row: [batch, inFeatures] to int64 [batch]. Clusters are looked at where needed. */
  predict(input: Tensor): Tensor {
    const headOutput = this.head.forward(input);
    const classes = headOutput.argmax(1);
    const others = classes.ge(this.shortlistSize).nonzero().squeeze(1);
    const logProbs = this.fullLogProb(input.indexSelect(0, others), headOutput.indexSelect(0, others));
    return classes.indexCopy(0, others, logProbs.argmax(1));
  }
}

function readCutoffs(where: string, cutoffs: unknown, nClasses: number): number[] {
  if (!Array.isArray(cutoffs) || cutoffs.length === 0) {
    throw expected(where, "an array of at least one number", "cutoffs", cutoffs);
  }
  let last = 0;
  return cutoffs.map((cutoff) => {
    last = number(where, "cutoffs (rising)", cutoff, { min: last + 1, max: nClasses - 1, integer: true });
    return last;
  });
}
