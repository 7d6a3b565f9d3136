import { expected } from "../../errors.ts";
import { formatFloat } from "../../format-float.ts";
import { boolean, mergeOptions, number, oneOf } from "../../options.ts";
import type { Tensor } from "../tensor.ts";
import { type FactoryOptions, factoryDefaults, readFactory } from "./factory.ts";
import { linearCrossEntropy } from "./functional/likelihood-loss.ts";
import { type LinearCrossEntropyOptions, linearCrossEntropyDefaults } from "./functional/loss-options.ts";
import { reductions } from "./functional/reduction.ts";
import { Linear } from "./linear.ts";
import { Module } from "./module.ts";
import { fields, literal } from "./representation.ts";
import { size } from "./sizes.ts";

export interface LinearCrossEntropyLossOptions extends LinearCrossEntropyOptions, FactoryOptions {
  /** The dimensions of the target past its batch; [], none, by default. */
  outFeatures?: readonly number[];
  /** Whether the layer adds a learned bias; false by default. */
  bias?: boolean;
}

const defaults: Required<LinearCrossEntropyLossOptions> = {
  ...linearCrossEntropyDefaults,
  outFeatures: [],
  bias: false,
  ...factoryDefaults,
};

/**
 * A last linear layer and the cross-entropy of its logits, as one module: see `functional.linearCrossEntropy`. PyTorch's
 * `options`, which trade time for memory, are not there.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.LinearCrossEntropyLoss.html
 */
export class LinearCrossEntropyLoss extends Module {
  readonly numClasses: number;
  readonly options: Readonly<Required<LinearCrossEntropyLossOptions>>;
  /** [numClasses] */
  declare weight: Tensor | null;
  readonly linear: Linear;

  constructor(inFeatures: number, numClasses: number, given?: LinearCrossEntropyLossOptions) {
    super();
    const where = "nn.LinearCrossEntropyLoss";
    const options = mergeOptions(where, defaults, given);
    const { weight, reduction, labelSmoothing, outFeatures, bias } = options;
    if (!Array.isArray(outFeatures)) throw expected(where, "an array of sizes", "outFeatures", outFeatures);
    if (weight !== null && `${weight.shape}` !== `${[numClasses]}`)
      throw expected(where, `[${numClasses}]`, "the size of weight", weight.shape);
    oneOf(where, "reduction", reduction, reductions);
    number(where, "labelSmoothing", labelSmoothing, { min: 0, max: 1 });
    this.registerBuffer("weight", weight);
    this.numClasses = size(where, "numClasses", numClasses);
    this.options = options;
    const outputs = outFeatures.map((extent) => size(where, "outFeatures", extent));
    this.linear = new Linear(
      inFeatures,
      outputs.reduce((product, extent) => product * extent, numClasses),
      {
        bias: boolean(where, "bias", bias),
        ...readFactory(where, options),
      },
    );
  }

  /**
   * @param input - [batch, inFeatures] or [inFeatures]
   * @param target - int64 labels [batch, ...outFeatures], or floating probabilities [batch, numClasses, ...outFeatures]
   */
  override forward(input: Tensor, target: Tensor): Tensor {
    const { outFeatures, reduction, ignoreIndex, labelSmoothing } = this.options;
    const outputs = [this.numClasses, ...outFeatures];
    return linearCrossEntropy(
      input,
      this.linear.weight.reshape([...outputs, this.linear.inFeatures]),
      target,
      {
        reduction,
        ignoreIndex,
        labelSmoothing,
        weight: this.weight,
        linearBias: this.linear.bias?.reshape(outputs) ?? null,
      },
    );
  }

  override extraRepr(): string {
    const { reduction, ignoreIndex, labelSmoothing, outFeatures } = this.options;
    return fields({
      in_features: literal(this.linear.inFeatures),
      num_classes: literal(this.numClasses),
      out_features: literal(outFeatures),
      bias: literal(this.linear.bias !== null),
      reduction,
      ignore_index: literal(ignoreIndex),
      label_smoothing: formatFloat(labelSmoothing),
      options: "None",
    });
  }
}
