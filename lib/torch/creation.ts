import { types } from "node:util";
import { describe, expected } from "../errors.ts";
import { boolean, mergeOptions } from "../options.ts";
import { checkDtype, type Dtype } from "./dtype.ts";
import { native } from "./native.ts";
import { type NestedArray, Tensor } from "./tensor.ts";

/** Options of {@link tensor}. */
export interface TensorOptions {
  /** By default the typed array's own; float32 for numbers, int64 for bigints, bool for booleans. */
  dtype?: Dtype | null;
  /** "cpu" by default. */
  device?: string;
  /** Whether to record operations on it for `backward`; false by default. */
  requiresGrad?: boolean;
}

/** What a tensor is made of: numbers, bigints or booleans. */
export type TensorData = NestedArray<number> | NestedArray<bigint> | NestedArray<boolean> | NodeJS.TypedArray;

/**
 * A tensor with the given elements: a number, nested arrays (all rows of one length), or a typed array (which gives one
 * dimension). The data is copied. A JavaScript number is a float unless `dtype` says otherwise.
 *
 * @throws TypeError for rows of different lengths, mixed elements, or a number that an integer dtype cannot hold.
 * @see https://pytorch.org/docs/stable/generated/torch.tensor.html
 */
export function tensor(data: TensorData, options: TensorOptions = {}): Tensor {
  const { device, requiresGrad, ...given } = mergeOptions("torch.tensor", defaults, options);
  const dtype = given.dtype === null ? null : checkDtype("torch.tensor", given.dtype);
  const made = ArrayBuffer.isView(data)
    ? fromTypedArray(data, dtype, device)
    : fromNested(data, dtype, device);
  return boolean("torch.tensor", "requiresGrad", requiresGrad) ? made.requiresGrad_() : made;
}

const defaults: Required<TensorOptions> = { dtype: null, device: "cpu", requiresGrad: false };

// LibTorch's own bound for many operators.
const maxDimensions = 64;

const dtypeOfArray = new Map<string, Dtype>([
  ["Float32Array", "float32"],
  ["Float64Array", "float64"],
  ["BigInt64Array", "int64"],
  ["Int32Array", "int32"],
  ["Int16Array", "int16"],
  ["Int8Array", "int8"],
  ["Uint8Array", "uint8"],
  ["Uint8ClampedArray", "uint8"],
]);

const integerRanges: Partial<Record<Dtype, readonly [number, number]>> = {
  int64: [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
  int32: [-(2 ** 31), 2 ** 31 - 1],
  int16: [-(2 ** 15), 2 ** 15 - 1],
  int8: [-128, 127],
  uint8: [0, 255],
};

function fromTypedArray(data: ArrayBufferView, dtype: Dtype | null, device: string): Tensor {
  const own = dtypeOfArray.get(Object.prototype.toString.call(data).slice(8, -1));
  if (own === undefined || !types.isTypedArray(data)) {
    throw expected("torch.tensor", `one of ${[...dtypeOfArray.keys()].join(", ")}`, "data", data);
  }
  if (dtype !== null && dtype !== own) checkRange(data, dtype);
  return native.tensorFromTypedArray(data, [data.length], dtype ?? own, device);
}

function fromNested(
  data: Exclude<TensorData, NodeJS.TypedArray>,
  dtype: Dtype | null,
  device: string,
): Tensor {
  const shape = shapeOf(data);
  const flat: unknown[] = [];
  flatten(data, shape, 0, flat);
  const values = packed(flat);
  const target = dtype ?? dtypeOfElements(values);
  checkRange(values, target);
  return native.tensorFromTypedArray(values, shape, target, device);
}

/** The shape that the first element of every level implies. */
function shapeOf(data: unknown): number[] {
  const shape: number[] = [];
  for (let level = data; Array.isArray(level); level = level[0]) {
    shape.push(level.length);
    if (shape.length > maxDimensions) {
      throw expected("torch.tensor", `arrays nested at most ${maxDimensions} deep`, "data", data);
    }
  }
  return shape;
}

/** Elements of one kind as a typed array that holds each of them exactly. */
function packed(flat: unknown[]): Float64Array | BigInt64Array | Uint8Array {
  const kind = typeof (flat[0] ?? 0);
  const isKnown = kind === "number" || kind === "bigint" || kind === "boolean";
  const odd = isKnown ? flat.findIndex((value) => typeof value !== kind) : 0;
  if (odd >= 0) {
    const what = isKnown ? `elements of one kind (${kind} here)` : "numbers, bigints or booleans";
    throw expected("torch.tensor", what, "data", flat[odd], elementRemedy(flat[odd]));
  }
  if (kind === "number") return Float64Array.from(flat as number[]);
  if (kind === "boolean") return Uint8Array.from(flat as boolean[], Number);
  const integers = BigInt64Array.from(flat as bigint[]);
  const lost = integers.findIndex((value, i) => value !== flat[i]);
  if (lost >= 0) throw expected("torch.tensor", "bigints of 64 bits", "data", flat[lost]);
  return integers;
}

function dtypeOfElements(values: Float64Array | BigInt64Array | Uint8Array): Dtype {
  if (values instanceof Float64Array) return "float32";
  return values instanceof BigInt64Array ? "int64" : "bool";
}

function elementRemedy(value: unknown): string | undefined {
  return value instanceof Tensor ? "Use torch.stack or torch.cat to join tensors" : undefined;
}

function flatten(level: unknown, shape: number[], dim: number, flat: unknown[]): void {
  const size = shape[dim];
  if (size === undefined) {
    if (Array.isArray(level)) throw ragged(shape, level);
    flat.push(level);
    return;
  }
  if (!Array.isArray(level) || level.length !== size) throw ragged(shape, level);
  for (let i = 0; i < size; i++) flatten(level[i], shape, dim + 1, flat);
}

function ragged(shape: number[], level: unknown): TypeError {
  return new TypeError(
    `[torch.tensor] expected nested arrays of one shape ([${shape}] by the first of each) for data, got ` +
      `${describe(level)} among them. Pad the rows to one length`,
  );
}

/** Refuses values that an integer dtype cannot hold, rather than wrapping them around. */
function checkRange(values: NodeJS.TypedArray, dtype: Dtype): void {
  const range = integerRanges[dtype];
  if (range === undefined || (values instanceof BigInt64Array && dtype === "int64")) return;
  const [min, max] = range;
  for (let i = 0; i < values.length; i++) {
    const value = Number(values[i]);
    if (!Number.isInteger(value) || value < min || value > max) {
      const what = `whole numbers from ${min} to ${max} (${dtype})`;
      throw expected("torch.tensor", what, `element ${i}`, values[i]);
    }
  }
}
