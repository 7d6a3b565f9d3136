import { expected } from "../../errors.ts";
import { boolean, mergeOptions, oneOf } from "../../options.ts";
import type { Tensor } from "../tensor.ts";
import { checkTable, type EmbeddingOptions, makeTable, printTable, tableDefaults } from "./embedding.ts";
import { embeddingBag } from "./functional/embedding.ts";
import { Module } from "./module.ts";
import type { Parameter } from "./parameter.ts";

export interface EmbeddingBagOptions extends EmbeddingOptions {
  /** How the rows of a bag become one; "mean" by default. */
  mode?: "sum" | "mean" | "max";
  /** Whether the offsets end with the number of indices; false by default. */
  includeLastOffset?: boolean;
}

const bagDefaults = {
  ...tableDefaults,
  mode: "mean" as "sum" | "mean" | "max",
  includeLastOffset: false,
};

/**
 * Looks rows of a table up and sums them, or takes their mean or maximum, bag by bag.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.EmbeddingBag.html
 */
export class EmbeddingBag extends Module {
  readonly numEmbeddings: number;
  readonly embeddingDim: number;
  readonly options: Readonly<typeof bagDefaults>;
  /** [numEmbeddings, embeddingDim] */
  weight: Parameter;

  constructor(numEmbeddings: number, embeddingDim: number, given?: EmbeddingBagOptions) {
    const where = "nn.EmbeddingBag";
    const merged = mergeOptions<typeof bagDefaults>(where, bagDefaults, given);
    const options = checkTable(where, numEmbeddings, embeddingDim, merged);
    oneOf(where, "mode", options.mode, ["sum", "mean", "max"]);
    boolean(where, "includeLastOffset", options.includeLastOffset);
    if (options.mode === "max" && (options.sparse || options.scaleGradByFreq)) {
      throw expected(where, '"sum" or "mean" with sparse or scaleGradByFreq', "mode", options.mode);
    }
    super();
    this.numEmbeddings = numEmbeddings;
    this.embeddingDim = embeddingDim;
    this.options = options;
    this.weight = makeTable(where, numEmbeddings, embeddingDim, options);
  }

  /**
   * @param input - integers: [bags, length], or [indices] with offsets
   * @param offsets - integers: where each bag starts in a flat input
   * @param perSampleWeights - of the input's shape, for mode "sum"
   * @returns [bags, embeddingDim]
   */
  override forward(
    input: Tensor,
    offsets: Tensor | null = null,
    perSampleWeights: Tensor | null = null,
  ): Tensor {
    const { dtype, device, ...options } = this.options;
    return embeddingBag(input, this.weight, { ...options, offsets, perSampleWeights });
  }

  override extraRepr(): string {
    const { paddingIdx, mode } = this.options;
    const padding = paddingIdx === null ? [] : [`padding_idx=${paddingIdx}`];
    return [
      this.numEmbeddings,
      this.embeddingDim,
      ...printTable(this.options),
      `mode='${mode}'`,
      ...padding,
    ].join(", ");
  }
}
