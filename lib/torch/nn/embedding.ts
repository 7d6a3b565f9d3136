import { formatFloat } from "../../format-float.ts";
import { boolean, mergeOptions, number } from "../../options.ts";
import { noGrad } from "../autograd.ts";
import { scope } from "../scope.ts";
import type { Tensor } from "../tensor.ts";
import { emptyParameter, type FactoryOptions, factoryDefaults, readFactory } from "./factory.ts";
import { embedding } from "./functional/embedding.ts";
import { normal_ } from "./init.ts";
import { Module } from "./module.ts";
import type { Parameter } from "./parameter.ts";
import { size } from "./sizes.ts";

export interface EmbeddingOptions extends FactoryOptions {
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

/** The defaults of EmbeddingOptions. */
export const tableDefaults = {
  ...factoryDefaults,
  paddingIdx: null as number | null,
  maxNorm: null as number | null,
  normType: 2,
  scaleGradByFreq: false,
  sparse: false,
};

/** Checks the sizes and options of a table; a paddingIdx from the end becomes one from the start. */
export function checkTable<T extends typeof tableDefaults>(
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

/** The table, drawn but for zeros in the row of the padding. */
export function makeTable(
  where: string,
  rows: number,
  width: number,
  options: typeof tableDefaults,
): Parameter {
  const weight = normal_(emptyParameter([rows, width], readFactory(where, options)));
  const { paddingIdx } = options;
  if (paddingIdx !== null) scope(() => noGrad(() => void weight.select(0, paddingIdx).zero_()));
  return weight;
}

/** The options that both kinds of table print. */
export function printTable({ maxNorm, normType, scaleGradByFreq }: typeof tableDefaults): string[] {
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
export class Embedding extends Module {
  readonly numEmbeddings: number;
  readonly embeddingDim: number;
  readonly options: Readonly<typeof tableDefaults>;
  /** [numEmbeddings, embeddingDim] */
  weight: Parameter;

  constructor(numEmbeddings: number, embeddingDim: number, given?: EmbeddingOptions) {
    const where = "nn.Embedding";
    const options = checkTable(
      where,
      numEmbeddings,
      embeddingDim,
      mergeOptions<typeof tableDefaults>(where, tableDefaults, given),
    );
    super();
    this.numEmbeddings = numEmbeddings;
    this.embeddingDim = embeddingDim;
    this.options = options;
    this.weight = makeTable(where, numEmbeddings, embeddingDim, options);
  }

  override forward(input: Tensor): Tensor {
    const { dtype, device, ...options } = this.options;
    return embedding(input, this.weight, options);
  }

  override extraRepr(): string {
    const { paddingIdx, sparse } = this.options;
    const padding = paddingIdx === null ? [] : [`padding_idx=${paddingIdx}`];
    const sparsity = sparse ? ["sparse=True"] : [];
    const tail = printTable(this.options);
    return [this.numEmbeddings, this.embeddingDim, ...padding, ...tail, ...sparsity].join(", ");
  }
}
