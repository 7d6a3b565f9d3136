import { expected } from "../../errors.ts";
import { mergeOptions } from "../../options.ts";
import { checkDtype, type Dtype } from "../dtype.ts";
import { full } from "../generated/functions.ts";
import type { Tensor } from "../tensor.ts";
import { xavierUniform_ } from "./init.ts";
import { Module } from "./module.ts";
import { ModuleList } from "./module-list.ts";
import { LayerNorm } from "./normalization.ts";
import { size } from "./sizes.ts";
import {
  type DecoderMasks,
  decoderMaskDefaults,
  type EncoderMasks,
  encoderMaskDefaults,
  layerDefaults,
  TransformerDecoderLayer,
  TransformerEncoderLayer,
  type TransformerLayerOptions,
} from "./transformer-layer.ts";

/** Copies of a layer, which all start with its weights. */
function copies(where: string, layer: unknown, count: number): ModuleList {
  if (!(layer instanceof Module)) throw expected(where, "a Module", "layer", layer);
  return new ModuleList(Array.from({ length: size(where, "numLayers", count) }, () => layer.deepCopy()));
}

function checkNorm(where: string, norm: unknown): Module | null {
  if (norm !== null && !(norm instanceof Module)) throw expected(where, "a Module or null", "norm", norm);
  return norm;
}

/**
 * Encoder layers in a row: copies of one, which start with the same weights.
 *
 * That a mask is the causal one has to be said (isCausal): PyTorch finds out by reading it. The numbers are the same.
 * PyTorch's nested tensors, a part of its fast path for inference, are not there.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.TransformerEncoder.html
 */
export class TransformerEncoder extends Module {
  readonly layers: ModuleList;
  readonly numLayers: number;
  readonly norm: Module | null;

  /**
   * @param encoderLayer - a TransformerEncoderLayer, or a module that is called as one
   * @param options.norm - what the last layer's output goes through; null, nothing, by default
   */
  constructor(encoderLayer: Module, numLayers: number, options?: { norm?: Module | null }) {
    super();
    const where = "nn.TransformerEncoder";
    const { norm } = mergeOptions(where, { norm: null as Module | null }, options);
    this.layers = copies(where, encoderLayer, numLayers);
    this.numLayers = numLayers;
    this.norm = checkNorm(where, norm);
  }

  /**
   * @param src - [length, batch, features] ([batch, length, features] with batchFirst), or without the batch
   * @param masks.mask - PyTorch's name for srcMask
   */
  override forward(src: Tensor, masks?: Omit<EncoderMasks, "srcMask"> & { mask?: Tensor | null }): Tensor {
    const { srcMask: _, ...others } = encoderMaskDefaults;
    const defaults = { mask: null as Tensor | null, ...others };
    const { mask, ...read } = mergeOptions("nn.TransformerEncoder", defaults, masks);
    let output = src;
    for (const layer of this.layers) output = layer.forward(output, { srcMask: mask, ...read }) as Tensor;
    return this.norm === null ? output : (this.norm.forward(output) as Tensor);
  }
}

/**
 * Decoder layers in a row: copies of one, which start with the same weights. Of causal masks the same is true as for
 * {@link TransformerEncoder}. A layer's activation stays what it is: where it is a module, PyTorch's copies take relu.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.TransformerDecoder.html
 */
export class TransformerDecoder extends Module {
  readonly layers: ModuleList;
  readonly numLayers: number;
  readonly norm: Module | null;

  /**
   * @param decoderLayer - a TransformerDecoderLayer, or a module that is called as one
   * @param options.norm - what the last layer's output goes through; null, nothing, by default
   */
  constructor(decoderLayer: Module, numLayers: number, options?: { norm?: Module | null }) {
    super();
    const where = "nn.TransformerDecoder";
    const { norm } = mergeOptions(where, { norm: null as Module | null }, options);
    this.layers = copies(where, decoderLayer, numLayers);
    this.numLayers = numLayers;
    this.norm = checkNorm(where, norm);
  }

  /**
   * @param tgt - [length, batch, features] ([batch, length, features] with batchFirst), or without the batch
   * @param memory - what the encoder gave, of the target's batch
   */
  override forward(tgt: Tensor, memory: Tensor, masks?: DecoderMasks): Tensor {
    const read = mergeOptions("nn.TransformerDecoder", decoderMaskDefaults, masks);
    let output = tgt;
    for (const layer of this.layers) output = layer.forward(output, memory, read) as Tensor;
    return this.norm === null ? output : (this.norm.forward(output) as Tensor);
  }
}

export interface TransformerOptions extends TransformerLayerOptions {
  /** The features of source and target; 512 by default. */
  dModel?: number;
  /** The heads of the attentions; 8 by default. */
  nhead?: number;
  /** 6 by default. */
  numEncoderLayers?: number;
  /** 6 by default. */
  numDecoderLayers?: number;
  /** An encoder of one's own; null by default. */
  customEncoder?: Module | null;
  /** A decoder of one's own; null by default. */
  customDecoder?: Module | null;
}

const defaults: Required<TransformerOptions> = {
  dModel: 512,
  nhead: 8,
  numEncoderLayers: 6,
  numDecoderLayers: 6,
  ...layerDefaults,
  customEncoder: null,
  customDecoder: null,
};

export interface TransformerMasks extends Omit<EncoderMasks, "isCausal">, DecoderMasks {
  /** A promise that srcMask is the causal one; false by default. */
  srcIsCausal?: boolean;
}

/**
 * An encoder and a decoder that looks at what the encoder gave. After Vaswani and others, "Attention Is All You Need", 2017.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Transformer.html
 */
export class Transformer extends Module {
  readonly encoder: Module;
  readonly decoder: Module;
  readonly dModel: number;
  readonly nhead: number;
  readonly batchFirst: boolean;

  constructor(options?: TransformerOptions) {
    super();
    const where = "nn.Transformer";
    const read = mergeOptions<typeof defaults>(where, defaults, options);
    const { dModel, nhead, numEncoderLayers, numDecoderLayers, customEncoder, customDecoder, ...layer } =
      read;
    const normOptions = {
      eps: layer.layerNormEps,
      bias: layer.bias,
      dtype: layer.dtype,
      device: layer.device,
    };
    const makeEncoder = () => {
      const encoderLayer = new TransformerEncoderLayer(dModel, nhead, layer);
      return new TransformerEncoder(encoderLayer, numEncoderLayers, {
        norm: new LayerNorm(dModel, normOptions),
      });
    };
    const makeDecoder = () => {
      const decoderLayer = new TransformerDecoderLayer(dModel, nhead, layer);
      return new TransformerDecoder(decoderLayer, numDecoderLayers, {
        norm: new LayerNorm(dModel, normOptions),
      });
    };
    this.encoder = checkNorm(where, customEncoder) ?? makeEncoder();
    this.decoder = checkNorm(where, customDecoder) ?? makeDecoder();
    this.dModel = dModel;
    this.nhead = nhead;
    this.batchFirst = layer.batchFirst;
    for (const parameter of this.parameters()) if (parameter.shape.length > 1) xavierUniform_(parameter);
  }

  /**
   * @param src - [length, batch, dModel] ([batch, length, dModel] with batchFirst), or without the batch
   * @param tgt - as the source, with a length of its own
   */
  override forward(src: Tensor, tgt: Tensor, masks?: TransformerMasks): Tensor {
    const where = "nn.Transformer";
    const { isCausal: _, ...encoderMasks } = encoderMaskDefaults;
    const maskDefaults = { ...encoderMasks, ...decoderMaskDefaults, srcIsCausal: false };
    const read = mergeOptions(where, maskDefaults, masks);
    const { srcMask, srcKeyPaddingMask, srcIsCausal, ...decoderMasks } = read;
    for (const [name, tensor] of Object.entries({ src, tgt })) {
      if (tensor.shape.at(-1) !== this.dModel)
        throw expected(where, `${this.dModel} features`, name, tensor.shape);
    }
    const batchDim = this.batchFirst ? 0 : 1;
    if (src.shape.length === 3 && src.size(batchDim) !== tgt.shape[batchDim])
      throw expected(where, `the source's batch of ${src.size(batchDim)}`, "tgt", tgt.shape);
    const encoderCall = { mask: srcMask, srcKeyPaddingMask, isCausal: srcIsCausal };
    const memory = this.encoder.forward(src, encoderCall);
    return this.decoder.forward(tgt, memory, decoderMasks) as Tensor;
  }

  /** The causal mask: [length, length], minus infinity above the diagonal and 0 elsewhere. */
  static generateSquareSubsequentMask(length: number, options?: { device?: string; dtype?: Dtype }): Tensor {
    const where = "nn.Transformer.generateSquareSubsequentMask";
    const { device, dtype } = mergeOptions(where, { device: "cpu", dtype: "float32" as Dtype }, options);
    const extent = size(where, "length", length);
    return full([extent, extent], Number.NEGATIVE_INFINITY, { device, dtype: checkDtype(where, dtype) }).triu(
      1,
    );
  }
}
