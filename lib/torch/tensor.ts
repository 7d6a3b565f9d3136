import { inspect } from "node:util";
import { expected } from "../errors.ts";
import { isPlainObject, mergeOptions } from "../options.ts";
import { checkDevice } from "./device.ts";
import { checkDtype, type Dtype, type TensorTypedArray } from "./dtype.ts";
import type { TensorMethods } from "./generated/tensor-methods.ts";
import type { TensorIndex } from "./indexing.ts";
import { native } from "./native.ts";
import { defineOlderMethods } from "./older-libtorch.ts";
import { defineTensorMethods, operator } from "./operators.ts";
import { formatTensor } from "./print.ts";
import { keep, track } from "./scope.ts";
import { defineTensorConveniences, type TensorConveniences } from "./tensor-conveniences.ts";

/** Numbers in nested arrays, as deep as a tensor has dimensions. */
export type NestedArray<T> = T | NestedArray<T>[];

/** How `Tensor.to` changes a tensor. */
export interface ToOptions {
  /** The tensor's own by default. */
  dtype?: Dtype | null;
  /** The tensor's own by default. */
  device?: string | null;
  /** Whether to copy even where nothing changes; false by default. */
  copy?: boolean;
}

/** How `Tensor.backward` computes gradients. */
export interface BackwardOptions {
  /** The gradient of the tensor itself, needed unless it has one element; null by default. */
  gradient?: Tensor | null;
  /** Whether the graph can be gone through once more; what `createGraph` is by default. */
  retainGraph?: boolean | null;
  /** Whether the gradients can be differentiated in turn; false by default. */
  createGraph?: boolean;
  /** The leaves to compute for; all of them by default. */
  inputs?: Tensor[] | null;
}

const toDefaults: Required<ToOptions> = { dtype: null, device: null, copy: false };
const backwardDefaults: Required<BackwardOptions> = {
  gradient: null,
  retainGraph: null,
  createGraph: false,
  inputs: null,
};

// The operators of ATen that are methods in PyTorch: see lib/torch/generated.
const OperatorMethods = class {} as new () => TensorMethods & TensorConveniences;
defineTensorMethods(OperatorMethods.prototype);
defineOlderMethods(OperatorMethods.prototype);
defineTensorConveniences(OperatorMethods.prototype);

/**
 * A multi-dimensional array of one dtype on one device, with PyTorch's meaning and methods.
 *
 * Tensors are made by `torch.tensor`, `torch.zeros` and their like, never by `new Tensor()`. The memory below one is
 * freed by {@link Tensor.dispose} (or `using`), at the end of the `torch.scope` in which it was made, or at the latest
 * some time after the object became unreachable. Every use after that is an error.
 */
export class Tensor extends OperatorMethods {
  constructor() {
    super();
    track(this);
  }

  /** The sizes of the dimensions. */
  get shape(): number[] {
    return native.tensorShape(this);
  }

  /** The type of the elements. */
  get dtype(): Dtype {
    return native.tensorDtype(this) as Dtype;
  }

  /** "cpu", or "cuda:N". */
  get device(): string {
    return native.tensorDevice(this);
  }

  /** Whether operations on the tensor are recorded for {@link Tensor.backward}. Only leaves can be switched. */
  get requiresGrad(): boolean {
    return native.requiresGrad(this);
  }

  set requiresGrad(on: boolean) {
    native.setRequiresGrad(this, on);
  }

  /** True for a tensor that no recorded operation made. */
  get isLeaf(): boolean {
    return native.isLeaf(this);
  }

  /** The gradient that `backward` left on this leaf, or null. */
  get grad(): Tensor | null {
    return native.getGrad(this);
  }

  set grad(gradient: Tensor | null) {
    native.setGrad(this, gradient);
  }

  /** Whether the tensor was freed. It cannot be used any more then. */
  get isDisposed(): boolean {
    return native.tensorIsDisposed(this);
  }

  /** The size of each dimension, or of one. */
  size(): number[];
  size(dim: number): number;
  size(dim?: number): number | number[] {
    const shape = this.shape;
    if (dim === undefined) return shape;
    const size = shape.at(dim);
    if (size === undefined || !Number.isInteger(dim)) {
      throw expected("Tensor.size", `a dimension of [${shape}]`, "dim", dim);
    }
    return size;
  }

  /** How far apart in memory neighbours along each dimension are, in elements. */
  stride(): number[] {
    return native.tensorStrides(this);
  }

  /**
   * The one element of the tensor: a number (a boolean for bool, a bigint for an int64 past 2^53).
   * @throws Error if the tensor has not exactly one element.
   */
  item(): number {
    return native.tensorItem(this) as number;
  }

  /** A copy of the elements in row-major order. int64 gives a BigInt64Array, the 16-bit floats a Float32Array. */
  toTypedArray(): TensorTypedArray {
    return native.tensorToTypedArray(this) as TensorTypedArray;
  }

  /**
   * The elements as nested arrays of numbers (booleans for bool); a number for a tensor without dimensions.
   * @throws RangeError for an int64 that a number cannot hold; use {@link Tensor.toTypedArray} for those.
   */
  tolist(): NestedArray<number> {
    const shape = this.shape;
    const elements = numbersOf(this);
    let position = 0;
    const nest = (dim: number): NestedArray<number> => {
      const size = shape[dim];
      if (size === undefined) return elements[position++] as number;
      if (dim < shape.length - 1) return Array.from({ length: size }, () => nest(dim + 1));
      position += size;
      return elements.slice(position - size, position);
    };
    return nest(0);
  }

  /**
   * The tensor in another dtype or on another device, or the same one in a new object where nothing changes.
   * Takes a dtype, a device, a tensor to be like, or both as options.
   */
  to(target: Dtype | string | Tensor | ToOptions): Tensor {
    const { dtype, device, copy } = mergeOptions("Tensor.to", toDefaults, toOptions(target));
    return convert(this, {
      dtype: checkDtype("Tensor.to", dtype ?? this.dtype),
      device: checkDevice("Tensor.to", device ?? this.device),
      copy,
    }) as Tensor;
  }

  /** The tensor on the CPU. */
  cpu(): Tensor {
    return this.to({ device: "cpu" });
  }

  /** The tensor on a CUDA device. */
  cuda(index = 0): Tensor {
    return this.to({ device: `cuda:${index}` });
  }

  /** Switches recording on or off and returns the tensor. */
  requiresGrad_(on = true): this {
    this.requiresGrad = on;
    return this;
  }

  /** Asks for the gradient of a tensor that is no leaf to be kept too. */
  retainGrad(): void {
    native.retainGrad(this);
  }

  /**
   * Computes the gradients of this tensor with respect to the leaves, and adds them to their `grad`.
   * @see https://pytorch.org/docs/stable/generated/torch.Tensor.backward.html
   */
  backward(options: BackwardOptions = {}): void {
    const { gradient, retainGraph, createGraph, inputs } = mergeOptions(
      "Tensor.backward",
      backwardDefaults,
      options,
    );
    if (inputs?.length === 0) throw expected("Tensor.backward", "at least one leaf", "inputs", inputs);
    native.backward([this], [gradient], retainGraph ?? createGraph, createGraph, inputs ?? []);
  }

  /**
   * The part of the tensor that the indices pick, one for each leading dimension, as Python's `tensor[...]`: a view
   * where they are numbers, slices, null and "...", else a copy.
   *
   * @throws RangeError for a position outside of its dimension, or more indices than dimensions.
   */
  index(...indices: TensorIndex[]): Tensor {
    return native.tensorIndex(this, indices);
  }

  /** Writes into the part that the indices pick, in place, as Python's `tensor[...] = value`. */
  indexPut_(indices: readonly TensorIndex[], value: Tensor | number | bigint | boolean): this {
    native.tensorIndexPut(this, indices, value);
    return this;
  }

  /** True if both objects hold the very same tensor, not merely an equal one. */
  isSame(other: Tensor): boolean {
    return native.tensorIsSame(this, other);
  }

  /** Lets the tensor outlive the innermost `torch.scope`. */
  keep(): this {
    return keep(this);
  }

  /** Frees the tensor now. Views of it and modules that hold it keep their own hold on the memory. */
  dispose(): void {
    native.tensorDispose(this);
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  /** Prints as PyTorch does: `tensor([1., 2.])`. */
  override toString(): string {
    return this.isDisposed ? "tensor(<disposed>)" : formatTensor(this);
  }

  [inspect.custom](): string {
    return this.toString();
  }
}

native.setTensorClass(Tensor);

const convert = operator("Tensor.to", ["aten::to.device"]);

/** What `Tensor.to` was given, as options. */
function toOptions(target: Dtype | string | Tensor | ToOptions): ToOptions {
  if (target instanceof Tensor) return { dtype: target.dtype, device: target.device };
  if (typeof target !== "string") {
    if (isPlainObject(target)) return target;
    throw expected("Tensor.to", "a dtype, device, Tensor or options", "target", target);
  }
  const isDevice = target === "cpu" || target === "auto" || target === "meta" || target.startsWith("cuda");
  return isDevice ? { device: target } : { dtype: checkDtype("Tensor.to", target) };
}

/** The elements in row-major order as an array of numbers, or of booleans for bool. */
function numbersOf(tensor: Tensor): number[] {
  const data = tensor.toTypedArray();
  if (tensor.dtype === "bool") return Array.from(data, Boolean) as unknown[] as number[];
  if (!(data instanceof BigInt64Array)) return Array.from(data);
  return Array.from(data, (value) => {
    const number = Number(value);
    if (Number.isSafeInteger(number)) return number;
    throw new RangeError(
      `[Tensor.tolist] expected whole numbers below 2^53, got ${value}. Use toTypedArray()`,
    );
  });
}
