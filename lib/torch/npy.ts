import { expected } from "../errors.ts";
import { writeAtomically } from "../files.ts";
import { mergeOptions } from "../options.ts";
import { noGrad } from "./autograd.ts";
import { checkDevice } from "./device.ts";
import { encodeNpyHeader, readNpyHeader } from "./npy-header.ts";
import { operator } from "./operators.ts";
import { fileChunks, readFile } from "./read-file.ts";
import { itemSizes } from "./safetensors-header.ts";
import { scope } from "./scope.ts";
import { Tensor } from "./tensor.ts";
import { chunksOf, fill } from "./tensor-bytes.ts";

const empty = operator<(shape: number[], options: object) => Tensor>("empty", ["aten::empty.memory_format"]);

/**
 * Reads an array that NumPy's `save` wrote, of either byte order. One in Fortran order becomes a view, as `torch.from_numpy`
 * gives it. Nothing in the file is trusted, and nothing is executed: arrays of Python objects are refused.
 *
 * @param options.device - where the tensor is put; "cpu" by default
 * @throws TypeError naming the file and the place in it that is damaged, or has a dtype that we lack.
 * @throws Error naming the file where it cannot be read.
 * @see https://numpy.org/doc/stable/reference/generated/numpy.load.html
 */
export async function loadNpy(path: string, options: { device?: string } = {}): Promise<Tensor> {
  const given = mergeOptions("torch.loadNpy", { device: "cpu" }, options);
  const device = checkDevice("torch.loadNpy", given.device);
  const where = `npy ${path}`;
  return readFile(where, path, (file, size) => readNpy(where, fileChunks(file, 0, size), size, device));
}

/**
 * Writes a tensor as a `.npy` file, byte for byte as NumPy does, in C order. The file appears whole or not at all.
 *
 * @throws TypeError for what is no live tensor, and for bfloat16, which NumPy does not know.
 * @throws Error naming `path` where it cannot be written; what was there stays.
 * @see https://numpy.org/doc/stable/reference/generated/numpy.save.html
 */
export async function saveNpy(tensor: Tensor, path: string): Promise<void> {
  if (!(tensor instanceof Tensor) || tensor.isDisposed) {
    throw expected("torch.saveNpy", "a Tensor that is not disposed", "tensor", tensor);
  }
  const header = encodeNpyHeader("torch.saveNpy", tensor.dtype, tensor.shape);
  await writeAtomically(path, async (file) => {
    await file.writeFile(header);
    for (const chunk of chunksOf(tensor)) await file.writeFile(chunk);
  });
}

/** Reads an array of so many bytes, header included. */
export async function readNpy(
  where: string,
  chunks: AsyncGenerator<Buffer>,
  size: number,
  device: string,
): Promise<Tensor> {
  const { header, rest: first } = await readNpyHeader(where, chunks, size);
  const { dtype, shape, fortranOrder, bigEndian } = header;
  const tensor = empty(fortranOrder ? shape.toReversed() : shape, { dtype, device });
  try {
    const rest = restOf(chunks, first);
    await fill(where, tensor, bigEndian ? swapped(rest, itemSizes[dtype]) : rest);
    if (!fortranOrder) return tensor;
    const turned = noGrad(() =>
      scope(() => tensor.permute(shape.map((_, dim) => shape.length - 1 - dim)).detach()),
    );
    tensor.dispose();
    return turned;
  } catch (error) {
    tensor.dispose();
    throw error;
  }
}

async function* restOf(chunks: AsyncGenerator<Buffer>, first: Buffer): AsyncGenerator<Buffer> {
  yield first;
  yield* chunks;
}

/** Elements of so many bytes in the other byte order. */
async function* swapped(chunks: AsyncIterable<Buffer>, size: number): AsyncGenerator<Buffer> {
  let left = Buffer.alloc(0);
  for await (const chunk of chunks) {
    const bytes = Buffer.concat([left, chunk]);
    const whole = bytes.length - (bytes.length % size);
    left = bytes.subarray(whole);
    yield reversed(bytes.subarray(0, whole), size);
  }
}

function reversed(bytes: Buffer, size: number): Buffer {
  if (size === 2) return bytes.swap16();
  return size === 4 ? bytes.swap32() : bytes.swap64();
}
