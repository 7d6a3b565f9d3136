import { expected } from "../../errors.ts";
import { boolean, mergeOptions, number } from "../../options.ts";
import type { Tensor } from "../tensor.ts";
import { emptyParameter, type FactoryOptions, factoryDefaults, readFactory } from "./factory.ts";
import { multiHeadAttentionForward } from "./functional/attention.ts";
import { constant_, xavierNormal_, xavierUniform_ } from "./init.ts";
import { Linear } from "./linear.ts";
import { Module } from "./module.ts";
import type { Parameter } from "./parameter.ts";
import { inSnakeCase } from "./representation.ts";
import { size } from "./sizes.ts";

export interface MultiheadAttentionOptions extends FactoryOptions {
  /** The probability that an attention weight becomes 0 in training; 0 by default. */
  dropout?: number;
  /** Whether the projections add learned biases; true by default. */
  bias?: boolean;
  /** Whether a learned key and value are added at the end; false by default. */
  addBiasKv?: boolean;
  /** Whether a key and a value of zeros are added at the end; false by default. */
  addZeroAttn?: boolean;
  /** The features of keys; null, embedDim, by default. */
  kdim?: number | null;
  /** The features of values; null, embedDim, by default. */
  vdim?: number | null;
  /** Whether inputs are [batch, length, features] rather than [length, batch, features]; false by default. */
  batchFirst?: boolean;
}

const defaults: Required<MultiheadAttentionOptions> = {
  dropout: 0,
  bias: true,
  addBiasKv: false,
  addZeroAttn: false,
  kdim: null,
  vdim: null,
  batchFirst: false,
  ...factoryDefaults,
};

/** What attention leaves out. */
export interface AttentionMasks {
  /** Keys that are not looked at: [batch, keys] or [keys], boolean (true: ignored) or floating (added to the scores). */
  keyPaddingMask?: Tensor | null;
  /** As keyPaddingMask, for each query: [queries, keys] or [batch * heads, queries, keys]. */
  attnMask?: Tensor | null;
  /** A promise that attnMask is the causal one, so that the kernel can do without it; false by default. */
  isCausal?: boolean;
}

/** Options of {@link MultiheadAttention.forward}. */
export interface AttentionCall extends AttentionMasks {
  /** Whether the weights are given back, which rules out the fused kernel; true by default. */
  needWeights?: boolean;
  /** Whether the weights are the mean over the heads; true by default. */
  averageAttnWeights?: boolean;
}

const callDefaults: Required<AttentionCall> = {
  keyPaddingMask: null,
  attnMask: null,
  isCausal: false,
  needWeights: true,
  averageAttnWeights: true,
};

/** A linear layer; Python prints the attention's last one under this name. */
export class NonDynamicallyQuantizableLinear extends Linear {}

/**
 * Attention with several heads, each of embedDim / numHeads features, over keys and values.
 *
 * The same operators as in PyTorch, and so the same bits; PyTorch's fast path for inference, which
 * `torch.backends.mha.set_fastpath_enabled(False)` switches off, rounds differently and is not there.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.MultiheadAttention.html
 */
export class MultiheadAttention extends Module {
  readonly embedDim: number;
  readonly numHeads: number;
  readonly headDim: number;
  readonly kdim: number;
  readonly vdim: number;
  readonly dropout: number;
  readonly batchFirst: boolean;
  readonly addZeroAttn: boolean;
  /** [embedDim, embedDim]; null where keys and values have the query's features, as the next two. */
  qProjWeight: Parameter | null;
  /** [embedDim, kdim] */
  kProjWeight: Parameter | null;
  /** [embedDim, vdim] */
  vProjWeight: Parameter | null;
  /** The three one below the other, [3 embedDim, embedDim]; null where features differ. */
  inProjWeight: Parameter | null;
  /** [3 embedDim] */
  inProjBias: Parameter | null;
  /** [1, 1, embedDim] */
  biasK: Parameter | null;
  /** [1, 1, embedDim] */
  biasV: Parameter | null;
  readonly outProj: Linear;

  /** @throws TypeError unless numHeads divides embedDim. */
  constructor(embedDim: number, numHeads: number, given?: MultiheadAttentionOptions) {
    super();
    const where = "nn.MultiheadAttention";
    const options = mergeOptions(where, defaults, given);
    this.embedDim = size(where, "embedDim", embedDim);
    this.numHeads = size(where, "numHeads", numHeads);
    if (embedDim % numHeads !== 0) throw expected(where, `a divisor of ${embedDim}`, "numHeads", numHeads);
    this.headDim = embedDim / numHeads;
    this.kdim = size(where, "kdim", options.kdim ?? embedDim);
    this.vdim = size(where, "vdim", options.vdim ?? embedDim);
    this.dropout = number(where, "dropout", options.dropout, { min: 0, max: 1 });
    this.batchFirst = boolean(where, "batchFirst", options.batchFirst);
    this.addZeroAttn = boolean(where, "addZeroAttn", options.addZeroAttn);
    const bias = boolean(where, "bias", options.bias);
    const isPacked = this.kdim === embedDim && this.vdim === embedDim;
    const factory = readFactory(where, options);
    const make = (exists: boolean, ...shape: number[]) => (exists ? emptyParameter(shape, factory) : null);
    this.qProjWeight = make(!isPacked, embedDim, embedDim);
    this.kProjWeight = make(!isPacked, embedDim, this.kdim);
    this.vProjWeight = make(!isPacked, embedDim, this.vdim);
    this.inProjWeight = make(isPacked, 3 * embedDim, embedDim);
    this.inProjBias = make(bias, 3 * embedDim);
    this.outProj = new NonDynamicallyQuantizableLinear(embedDim, embedDim, { bias, ...factory });
    const addsBias = boolean(where, "addBiasKv", options.addBiasKv);
    this.biasK = make(addsBias, 1, 1, embedDim);
    this.biasV = make(addsBias, 1, 1, embedDim);
    this.resetParameters();
  }

  /** Draws the projections of the inputs anew. */
  resetParameters(): void {
    for (const weight of [this.inProjWeight, this.qProjWeight, this.kProjWeight, this.vProjWeight])
      if (weight !== null) xavierUniform_(weight);
    for (const bias of [this.inProjBias, this.outProj.bias]) if (bias !== null) constant_(bias, 0);
    for (const bias of [this.biasK, this.biasV]) if (bias !== null) xavierNormal_(bias);
  }

  protected override ownParameters(): [string, Parameter][] {
    return inSnakeCase(super.ownParameters());
  }

  override namedChildren(): [string, Module][] {
    return inSnakeCase(super.namedChildren());
  }

  /**
   * @param query - [queries, batch, embedDim] ([batch, queries, embedDim] with batchFirst), or without the batch
   * @param key - [keys, batch, kdim] ([batch, keys, kdim] with batchFirst), or without the batch
   * @param value - [keys, batch, vdim] ([batch, keys, vdim] with batchFirst), or without the batch
   * @returns the output, of the query's size, and the weights: [batch, queries, keys] or [batch, heads, queries, keys],
   *   or null without needWeights
   */
  override forward(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    call?: AttentionCall,
  ): [output: Tensor, weights: Tensor | null] {
    const read = mergeOptions("nn.MultiheadAttention", callDefaults, call);
    const turns = this.batchFirst && query.shape.length === 3;
    const turned = new Map<Tensor, Tensor>();
    // The same input stays the same object: it is projected at once.
    const turn = (input: Tensor) => {
      if (turns && !turned.has(input)) turned.set(input, input.transpose(0, 1));
      return turned.get(input) ?? input;
    };
    const [output, weights] = multiHeadAttentionForward(
      turn(query),
      turn(key),
      turn(value),
      this.embedDim,
      this.numHeads,
      {
        ...read,
        inProjWeight: this.inProjWeight,
        inProjBias: this.inProjBias,
        biasK: this.biasK,
        biasV: this.biasV,
        addZeroAttn: this.addZeroAttn,
        dropoutP: this.dropout,
        outProjWeight: this.outProj.weight,
        outProjBias: this.outProj.bias,
        training: this.training,
        useSeparateProjWeight: this.inProjWeight === null,
        qProjWeight: this.qProjWeight,
        kProjWeight: this.kProjWeight,
        vProjWeight: this.vProjWeight,
      },
    );
    return [turns ? output.transpose(0, 1) : output, weights];
  }
}
