import { expected, unknownName } from "../errors.ts";

/** PyTorch's dtypes that cross into JavaScript. */
export type Dtype =
  | "float32"
  | "float64"
  | "float16"
  | "bfloat16"
  | "int64"
  | "int32"
  | "int16"
  | "int8"
  | "uint8"
  | "bool";

export const dtypes: readonly Dtype[] = [
  "float32",
  "float64",
  "float16",
  "bfloat16",
  "int64",
  "int32",
  "int16",
  "int8",
  "uint8",
  "bool",
];

/** The typed arrays whose elements are a dtype's. float16 and bfloat16 leave as Float32Array, bool as Uint8Array. */
export type TensorTypedArray =
  | Float32Array
  | Float64Array
  | BigInt64Array
  | Int32Array
  | Int16Array
  | Int8Array
  | Uint8Array;

export function isFloating(dtype: Dtype): boolean {
  return dtype === "float32" || dtype === "float64" || dtype === "float16" || dtype === "bfloat16";
}

export function checkDtype(where: string, dtype: unknown): Dtype {
  if (typeof dtype !== "string") throw expected(where, "a dtype", "dtype", dtype);
  if (!dtypes.includes(dtype as Dtype)) throw unknownName(where, "dtype", dtype, dtypes);
  return dtype as Dtype;
}
