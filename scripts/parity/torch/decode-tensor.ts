import { native } from "../../../lib/torch/native.ts";
import type { Tensor } from "../../../lib/torch/tensor.ts";

/** The tensor that a golden script wrote, in the form of golden-tensor.ts. */
export function decodeTensor(golden: string): Tensor {
  const [dtype = "", sizes = "", data = ""] = golden.split(" ");
  const shape = sizes === "" ? [] : sizes.split(",").map(Number);
  return native.tensorFromBytes(Uint8Array.from(Buffer.from(data, "base64")), shape, dtype);
}
