import { expected } from "../errors.ts";
import { noGrad } from "./autograd.ts";
import { native } from "./native.ts";
import { operator } from "./operators.ts";
import { chunkBytes } from "./read-file.ts";
import { elementCount, itemSizes } from "./safetensors-header.ts";
import { scope } from "./scope.ts";
import type { Tensor } from "./tensor.ts";

const reshape = operator<(tensor: Tensor, shape: number[]) => Tensor>("reshape", ["aten::reshape"]);
const narrow = operator<(tensor: Tensor, dim: number, start: number, length: number) => Tensor>("narrow", [
  "aten::narrow",
]);
const viewAs = operator<(tensor: Tensor, dtype: string) => Tensor>("view", ["aten::view.dtype"]);
const copy = operator<(target: Tensor, source: Tensor) => Tensor>("copy_", ["aten::copy_"]);
const notEqual = operator<(tensor: Tensor, other: number) => Tensor>("ne", ["aten::ne.Scalar"]);

/** The bytes of a tensor's elements in row-major order, in pieces of at most so many. */
export function* chunksOf(tensor: Tensor, most = chunkBytes): Generator<Uint8Array> {
  const count = elementCount(tensor.shape);
  const step = most / itemSizes[tensor.dtype];
  const flat = noGrad(() => reshape(tensor, [-1]));
  try {
    for (let start = 0; start < count; start += step) {
      yield scope(() => native.tensorToBytes(narrow(flat, 0, start, Math.min(step, count - start))));
    }
  } finally {
    flat.dispose();
  }
}

/**
 * Copies bytes into a contiguous tensor until it is full. Any byte of a bool but 0 becomes true: LibTorch knows no other
 * than 0 and 1.
 *
 * @throws TypeError if there are too few bytes; those that are left over are read and dropped.
 */
export async function fill(where: string, tensor: Tensor, chunks: AsyncIterable<Uint8Array>): Promise<void> {
  const isBool = tensor.dtype === "bool";
  const total = elementCount(tensor.shape) * itemSizes[tensor.dtype];
  let filled = 0;
  const bytes = noGrad(() => scope(() => viewAs(reshape(tensor, [-1]), "uint8")));
  try {
    for await (const chunk of chunks) {
      const length = Math.min(chunk.length, total - filled);
      if (length === 0) continue;
      scope(() =>
        noGrad(() => {
          const read = native.tensorFromBytes(chunk.subarray(0, length), [length], "uint8");
          copy(narrow(bytes, 0, filled, length), isBool ? notEqual(read, 0) : read);
        }),
      );
      filled += length;
    }
  } finally {
    bytes.dispose();
  }
  if (filled < total) throw expected(where, `${total} bytes`, "the elements of a tensor", filled);
}
