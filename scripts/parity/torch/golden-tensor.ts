// Tensors as the golden scripts write them: dtype, sizes and the base64 of the bytes, "float32 2,3 AAAA...".
import { native } from "../../../lib/torch/native.ts";
import type { Tensor } from "../../../lib/torch/tensor.ts";

export function encode(tensor: Tensor | null): string | null {
  if (tensor === null) return null;
  const data = Buffer.from(native.tensorToBytes(tensor)).toString("base64");
  return `${tensor.dtype} ${tensor.shape} ${data}`;
}

/** The largest difference relative to the largest element; 0 only for the same bits, NaN for other dtypes or sizes. */
export function difference(actual: Tensor | null, golden: string | null): number {
  const ours = encode(actual);
  if (ours === golden) return 0;
  if (actual === null || golden === null || ours === null) return Number.NaN;
  const [dtype, sizes, data = ""] = golden.split(" ");
  if (dtype !== actual.dtype || sizes !== String(actual.shape)) return Number.NaN;
  const bytes = Uint8Array.from(Buffer.from(data, "base64"));
  const theirs = native.tensorFromBytes(bytes, actual.shape, actual.dtype).to("float64");
  const largest = theirs.abs().max().item() as number;
  const distance = actual.detach().to("float64").sub(theirs).abs().max().item() as number;
  // Other bits of the same value, such as -0, are a difference too.
  return Math.max(distance / (largest || 1), Number.MIN_VALUE);
}
