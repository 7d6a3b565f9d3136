import { expected } from "../../errors.ts";
import { formatFloat } from "../../format-float.ts";
import { boolean, mergeOptions, number, oneOf } from "../../options.ts";
import type { Tensor } from "../tensor.ts";
import { NativeModule, UnaryModule } from "./native-module.ts";
import type { Parameter } from "./parameter.ts";
import { size } from "./sizes.ts";

export interface EmbeddingOptions {
  /** A row that starts as zeros and is not learned; null, none, by default. Negative ones count from the end. */
  paddingIdx?: number | null;
  /** Rows of a greater norm are scaled down to it when they are used; null, never, by default. */
  maxNorm?: number | null;
  /** The p of the norm of `maxNorm`; 2 by default. */
  normType?: number;
  /** Whether a row's gradient is divided by how often the batch uses it; false by default. */
  scaleGradByFreq?: boolean;
  /** Whether the gradient is a sparse tensor; false by default. */
  sparse?: boolean;
}

const defaults = {
  paddingIdx: null as number | null,
  maxNorm: null as number | null,
  normType: 2,
  scaleGradByFreq: false,
  sparse: false,
};

function checkTable<T extends typeof defaults>(
  where: string,
  numEmbeddings: number,
  dim: number,
  options: T,
): T {
  const rows = size(where, "numEmbeddings", numEmbeddings);
  size(where, "embeddingDim", dim);
  const { paddingIdx, maxNorm } = options;
  if (maxNorm !== null) number(where, "maxNorm", maxNorm, { above: 0 });
  number(where, "normType", options.normType, { above: 0 });
  for (const name of ["scaleGradByFreq", "sparse"] as const) boolean(where, name, options[name]);
  if (paddingIdx === null) return options;
  number(where, "paddingIdx", paddingIdx, { min: -rows, max: rows - 1, integer: true });
  return { ...options, paddingIdx: paddingIdx < 0 ? paddingIdx + rows : paddingIdx };
}

function printTail({ maxNorm, normType, scaleGradByFreq }: typeof defaults): string[] {
  return [
    maxNorm === null ? [] : `max_norm=${formatFloat(maxNorm)}`,
    normType === 2 ? [] : `norm_type=${formatFloat(normType)}`,
    scaleGradByFreq ? "scale_grad_by_freq=True" : [],
  ].flat();
}

/**
 * Looks rows of a table up: integers of any shape [...] to [..., embeddingDim]. An index out of range is an error.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Embedding.html
 */
export class Embedding extends UnaryModule {
  readonly numEmbeddings: number;
  readonly embeddingDim: number;
  readonly options: Readonly<typeof defaults>;
  /** [numEmbeddings, embeddingDim] */
  declare weight: Parameter;

  constructor(numEmbeddings: number, embeddingDim: number, given?: EmbeddingOptions) {
    const where = "nn.Embedding";
    const options = checkTable(where, numEmbeddings, embeddingDim, mergeOptions(where, defaults, given));
    super("Embedding", { numEmbeddings, embeddingDim, ...options });
    this.numEmbeddings = numEmbeddings;
    this.embeddingDim = embeddingDim;
    this.options = options;
  }

  override extraRepr(): string {
    const { paddingIdx, sparse } = this.options;
    const padding = paddingIdx === null ? [] : [`padding_idx=${paddingIdx}`];
    const sparsity = sparse ? ["sparse=True"] : [];
    const tail = printTail(this.options);
    return [this.numEmbeddings, this.embeddingDim, ...padding, ...tail, ...sparsity].join(", ");
  }
}

export interface EmbeddingBagOptions extends EmbeddingOptions {
  /** How the rows of a bag become one; "mean" by default. */
  mode?: "sum" | "mean" | "max";
  /** Whether the offsets end with the number of indices; false by default. */
  includeLastOffset?: boolean;
}

/**
 * Looks rows of a table up and sums them, or takes their mean or maximum, bag by bag.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.EmbeddingBag.html
 */
export class EmbeddingBag extends NativeModule {
  readonly numEmbeddings: number;
  readonly embeddingDim: number;
  readonly options: Readonly<typeof defaults & { mode: "sum" | "mean" | "max"; includeLastOffset: boolean }>;
  /** [numEmbeddings, embeddingDim] */
  declare weight: Parameter;

  constructor(numEmbeddings: number, embeddingDim: number, given?: EmbeddingBagOptions) {
    const where = "nn.EmbeddingBag";
    const bagDefaults = { ...defaults, mode: "mean" as "sum" | "mean" | "max", includeLastOffset: false };
    const options = checkTable(where, numEmbeddings, embeddingDim, mergeOptions(where, bagDefaults, given));
    oneOf(where, "mode", options.mode, ["sum", "mean", "max"]);
    boolean(where, "includeLastOffset", options.includeLastOffset);
    if (options.mode === "max" && (options.sparse || options.scaleGradByFreq)) {
      throw expected(where, '"sum" or "mean" with sparse or scaleGradByFreq', "mode", options.mode);
    }
    super("EmbeddingBag", { numEmbeddings, embeddingDim, ...options });
    this.numEmbeddings = numEmbeddings;
    this.embeddingDim = embeddingDim;
    this.options = options;
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
    return this.run(input, offsets, perSampleWeights);
  }

  override extraRepr(): string {
    const { paddingIdx, mode } = this.options;
    const padding = paddingIdx === null ? [] : [`padding_idx=${paddingIdx}`];
    return [
      this.numEmbeddings,
      this.embeddingDim,
      ...printTail(this.options),
      `mode='${mode}'`,
      ...padding,
    ].join(", ");
  }
}
