import { expected } from "../../errors.ts";
import { boolean, mergeOptions, number, oneOf } from "../../options.ts";
import type { Tensor } from "../tensor.ts";
import { type AttentionMasks, MultiheadAttention } from "./attention.ts";
import { Dropout } from "./dropout.ts";
import { type FactoryOptions, factoryDefaults, readFactory } from "./factory.ts";
import { gelu, relu } from "./functional/activation.ts";
import { Linear } from "./linear.ts";
import { Module } from "./module.ts";
import { LayerNorm } from "./normalization.ts";
import { inSnakeCase } from "./representation.ts";
import { size } from "./sizes.ts";

/** What a feed-forward part does between its two linear layers: a name, a function, or a module with its own state. */
export type Activation = "relu" | "gelu" | ((input: Tensor) => Tensor) | Module;

export interface TransformerLayerOptions extends FactoryOptions {
  /** The features between the two linear layers; 2048 by default. */
  dimFeedforward?: number;
  /** The probability that an element becomes 0 in training; 0.1 by default. */
  dropout?: number;
  /** "relu" by default. */
  activation?: Activation;
  /** What is added to variances; 1e-5 by default. */
  layerNormEps?: number;
  /** Whether inputs are [batch, length, features] rather than [length, batch, features]; false by default. */
  batchFirst?: boolean;
  /** Whether each part normalizes its input, rather than the sum with its output; false by default. */
  normFirst?: boolean;
  /** Whether linear layers and norms add learned biases; true by default. */
  bias?: boolean;
}

export const layerDefaults: Required<TransformerLayerOptions> = {
  dimFeedforward: 2048,
  dropout: 0.1,
  activation: "relu",
  layerNormEps: 1e-5,
  batchFirst: false,
  normFirst: false,
  bias: true,
  ...factoryDefaults,
};

/** Masks of an encoder: of its source, and of the source's padding. See {@link AttentionMasks}. */
export interface EncoderMasks {
  /** [length, length] or [batch * heads, length, length] */
  srcMask?: Tensor | null;
  /** [batch, length], or [length] without a batch */
  srcKeyPaddingMask?: Tensor | null;
  /** A promise that srcMask is the causal one, so that the kernel can do without it; false by default. */
  isCausal?: boolean;
}

/** Masks of a decoder: of its target, and of the memory that it looks at. See {@link AttentionMasks}. */
export interface DecoderMasks {
  /** [length, length] or [batch * heads, length, length] */
  tgtMask?: Tensor | null;
  /** [length, memory's length] or [batch * heads, length, memory's length] */
  memoryMask?: Tensor | null;
  /** [batch, length], or [length] without a batch */
  tgtKeyPaddingMask?: Tensor | null;
  /** [batch, memory's length], or [memory's length] without a batch */
  memoryKeyPaddingMask?: Tensor | null;
  /** A promise that tgtMask is the causal one, so that the kernel can do without it; false by default. */
  tgtIsCausal?: boolean;
  /** The same of memoryMask; false by default. */
  memoryIsCausal?: boolean;
}

export const encoderMaskDefaults: Required<EncoderMasks> = {
  srcMask: null,
  srcKeyPaddingMask: null,
  isCausal: false,
};

export const decoderMaskDefaults: Required<DecoderMasks> = {
  tgtMask: null,
  memoryMask: null,
  tgtKeyPaddingMask: null,
  memoryKeyPaddingMask: null,
  tgtIsCausal: false,
  memoryIsCausal: false,
};

function readOptions(where: string, given: TransformerLayerOptions | undefined) {
  const options = mergeOptions(where, layerDefaults, given);
  size(where, "dimFeedforward", options.dimFeedforward);
  number(where, "dropout", options.dropout, { min: 0, max: 1 });
  number(where, "layerNormEps", options.layerNormEps, { min: 0 });
  for (const name of ["batchFirst", "normFirst", "bias"] as const) boolean(where, name, options[name]);
  return options;
}

/** An activation as what is called or, a module, run. */
function readActivation(where: string, activation: Activation): Module | ((input: Tensor) => Tensor) {
  if (activation instanceof Module || typeof activation === "function") return activation;
  if (typeof activation !== "string")
    throw expected(where, '"relu", "gelu", a function or a Module', "activation", activation);
  return oneOf(where, "activation", activation, ["relu", "gelu"]) === "relu" ? relu : gelu;
}

/** The attention without its weights. */
function attend(attention: MultiheadAttention, query: Tensor, memory: Tensor, masks: AttentionMasks): Tensor {
  return attention.forward(query, memory, memory, { ...masks, needWeights: false })[0];
}

/**
 * Self-attention and a feed-forward part, each added to its input and normalized.
 *
 * The same operators as in PyTorch, and so the same bits; PyTorch's fast path for inference, which
 * `torch.backends.mha.set_fastpath_enabled(False)` switches off, rounds differently and is not there.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.TransformerEncoderLayer.html
 */
export class TransformerEncoderLayer extends Module {
  readonly selfAttn: MultiheadAttention;
  readonly linear1: Linear;
  readonly dropout: Dropout;
  readonly linear2: Linear;
  readonly normFirst: boolean;
  readonly norm1: LayerNorm;
  readonly norm2: LayerNorm;
  readonly dropout1: Dropout;
  readonly dropout2: Dropout;
  readonly activation: Module | ((input: Tensor) => Tensor);

  /**
   * @param dModel - the features of the input
   * @param nhead - the heads of the attention, which divide dModel
   */
  constructor(dModel: number, nhead: number, given?: TransformerLayerOptions) {
    super();
    const where = "nn.TransformerEncoderLayer";
    const { dimFeedforward, dropout, batchFirst, bias, ...options } = readOptions(where, given);
    const factory = readFactory(where, options);
    const normOptions = { eps: options.layerNormEps, bias, ...factory };
    this.selfAttn = new MultiheadAttention(dModel, nhead, { dropout, bias, batchFirst, ...factory });
    this.linear1 = new Linear(dModel, dimFeedforward, { bias, ...factory });
    this.dropout = new Dropout(dropout);
    this.linear2 = new Linear(dimFeedforward, dModel, { bias, ...factory });
    this.normFirst = options.normFirst;
    this.norm1 = new LayerNorm(dModel, normOptions);
    this.norm2 = new LayerNorm(dModel, normOptions);
    this.dropout1 = new Dropout(dropout);
    this.dropout2 = new Dropout(dropout);
    this.activation = readActivation(where, options.activation);
  }

  override namedChildren(): [string, Module][] {
    return inSnakeCase(super.namedChildren());
  }

  /** @param src - [length, batch, dModel] ([batch, length, dModel] with batchFirst), or without the batch */
  override forward(src: Tensor, masks?: EncoderMasks): Tensor {
    const where = "nn.TransformerEncoderLayer";
    const { srcMask, srcKeyPaddingMask, isCausal } = mergeOptions(where, encoderMaskDefaults, masks);
    const selfMasks = { attnMask: srcMask, keyPaddingMask: srcKeyPaddingMask, isCausal };
    const look = (x: Tensor) => this.dropout1.forward(attend(this.selfAttn, x, x, selfMasks));
    const feed = (x: Tensor) => this.dropout2.forward(feedForward(this, x));
    if (this.normFirst) {
      const seen = src.add(look(this.norm1.forward(src)));
      return seen.add(feed(this.norm2.forward(seen)));
    }
    const seen = this.norm1.forward(src.add(look(src)));
    return this.norm2.forward(seen.add(feed(seen)));
  }
}

/**
 * Self-attention, attention to a memory and a feed-forward part, each added to its input and normalized.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.TransformerDecoderLayer.html
 */
export class TransformerDecoderLayer extends Module {
  readonly selfAttn: MultiheadAttention;
  readonly multiheadAttn: MultiheadAttention;
  readonly linear1: Linear;
  readonly dropout: Dropout;
  readonly linear2: Linear;
  readonly normFirst: boolean;
  readonly norm1: LayerNorm;
  readonly norm2: LayerNorm;
  readonly norm3: LayerNorm;
  readonly dropout1: Dropout;
  readonly dropout2: Dropout;
  readonly dropout3: Dropout;
  readonly activation: Module | ((input: Tensor) => Tensor);

  /**
   * @param dModel - the features of the input
   * @param nhead - the heads of the attentions, which divide dModel
   */
  constructor(dModel: number, nhead: number, given?: TransformerLayerOptions) {
    super();
    const where = "nn.TransformerDecoderLayer";
    const { dimFeedforward, dropout, batchFirst, bias, ...options } = readOptions(where, given);
    const factory = readFactory(where, options);
    const normOptions = { eps: options.layerNormEps, bias, ...factory };
    this.selfAttn = new MultiheadAttention(dModel, nhead, { dropout, bias, batchFirst, ...factory });
    this.multiheadAttn = new MultiheadAttention(dModel, nhead, { dropout, bias, batchFirst, ...factory });
    this.linear1 = new Linear(dModel, dimFeedforward, { bias, ...factory });
    this.dropout = new Dropout(dropout);
    this.linear2 = new Linear(dimFeedforward, dModel, { bias, ...factory });
    this.normFirst = options.normFirst;
    this.norm1 = new LayerNorm(dModel, normOptions);
    this.norm2 = new LayerNorm(dModel, normOptions);
    this.norm3 = new LayerNorm(dModel, normOptions);
    this.dropout1 = new Dropout(dropout);
    this.dropout2 = new Dropout(dropout);
    this.dropout3 = new Dropout(dropout);
    this.activation = readActivation(where, options.activation);
  }

  override namedChildren(): [string, Module][] {
    return inSnakeCase(super.namedChildren());
  }

  /**
   * @param tgt - [length, batch, dModel] ([batch, length, dModel] with batchFirst), or without the batch
   * @param memory - what the encoder gave, of the target's batch
   */
  override forward(tgt: Tensor, memory: Tensor, masks?: DecoderMasks): Tensor {
    const read = mergeOptions("nn.TransformerDecoderLayer", decoderMaskDefaults, masks);
    const selfMasks = {
      attnMask: read.tgtMask,
      keyPaddingMask: read.tgtKeyPaddingMask,
      isCausal: read.tgtIsCausal,
    };
    const memoryMasks = {
      attnMask: read.memoryMask,
      keyPaddingMask: read.memoryKeyPaddingMask,
      isCausal: read.memoryIsCausal,
    };
    const look = (x: Tensor) => this.dropout1.forward(attend(this.selfAttn, x, x, selfMasks));
    const recall = (x: Tensor) => this.dropout2.forward(attend(this.multiheadAttn, x, memory, memoryMasks));
    const feed = (x: Tensor) => this.dropout3.forward(feedForward(this, x));
    if (this.normFirst) {
      const seen = tgt.add(look(this.norm1.forward(tgt)));
      const recalled = seen.add(recall(this.norm2.forward(seen)));
      return recalled.add(feed(this.norm3.forward(recalled)));
    }
    const seen = this.norm1.forward(tgt.add(look(tgt)));
    const recalled = this.norm2.forward(seen.add(recall(seen)));
    return this.norm3.forward(recalled.add(feed(recalled)));
  }
}

function feedForward(layer: TransformerEncoderLayer | TransformerDecoderLayer, x: Tensor): Tensor {
  const { activation } = layer;
  const hidden = layer.linear1.forward(x);
  const active = activation instanceof Module ? (activation.forward(hidden) as Tensor) : activation(hidden);
  return layer.linear2.forward(layer.dropout.forward(active));
}
