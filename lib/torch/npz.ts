import { expected, messageOf } from "../errors.ts";
import { writeAtomically } from "../files.ts";
import { mergeOptions } from "../options.ts";
import { checkDevice } from "./device.ts";
import { readNpy } from "./npy.ts";
import { encodeNpyHeader } from "./npy-header.ts";
import { readFile } from "./read-file.ts";
import { elementCount, itemSizes } from "./safetensors-header.ts";
import { checkTensors } from "./serialization.ts";
import type { Tensor } from "./tensor.ts";
import { chunksOf } from "./tensor-bytes.ts";
import { readZip } from "./zip-reader.ts";
import { writeZip, type ZipSource } from "./zip-writer.ts";

/** In bytes: what the format has room for, without `.npy`. */
const longestName = 65_531;

/** Small enough for the event loop to turn while a large array is written. */
const pieceBytes = 2 ** 20;

/**
 * Reads the arrays that NumPy's `savez` or `savez_compressed` wrote, by name. Nothing in the file is trusted; each array
 * takes what its header says, and no more is inflated.
 *
 * @param options.device - where the tensors are put; "cpu" by default
 * @throws TypeError or Error as {@link loadNpy} does, naming the array too.
 * @see https://numpy.org/doc/stable/reference/generated/numpy.savez.html
 */
export async function loadNpz(
  path: string,
  options: { device?: string } = {},
): Promise<Record<string, Tensor>> {
  const given = mergeOptions("torch.loadNpz", { device: "cpu" }, options);
  const device = checkDevice("torch.loadNpz", given.device);
  const where = `npz ${path}`;
  return readFile(where, path, (file, size) =>
    readZip(where, file, size, async (entries) => {
      const loaded: [string, Tensor][] = [];
      try {
        for (const entry of entries.values()) {
          if (!entry.name.endsWith(".npy"))
            throw expected(where, "only .npy files", "the archive", entry.name);
          try {
            loaded.push([entry.name.slice(0, -4), await readNpy(where, entry.chunks(), entry.size, device)]);
          } catch (error) {
            const reason = messageOf(error);
            throw new TypeError(`${reason}, in ${JSON.stringify(entry.name)}`, { cause: error });
          }
        }
        return Object.fromEntries(loaded);
      } catch (error) {
        for (const [, tensor] of loaded) tensor.dispose();
        throw error;
      }
    }),
  );
}

/**
 * Writes named tensors as a `.npz` file, uncompressed, as NumPy's `savez` does. The file appears whole or not at all.
 *
 * @throws TypeError for a value that is no live tensor, for bfloat16, and for a name that is no relative path.
 * @throws Error naming `path` where it cannot be written; what was there stays.
 */
export async function saveNpz(tensors: Record<string, Tensor>, path: string): Promise<void> {
  const where = "torch.saveNpz";
  checkTensors(where, tensors);
  const sources = Object.entries(tensors).map(([name, tensor]): ZipSource => {
    const { dtype, shape } = tensor;
    const isTooLong = Buffer.byteLength(name) > longestName;
    if (isTooLong || !/^[^/\\:\0][^\\:\0]*$/.test(name) || name.split("/").includes("..")) {
      throw expected(where, "the name of a file in an archive", "a name", name);
    }
    const header = encodeNpyHeader(`${where} ${JSON.stringify(name)}`, dtype, shape);
    const size = header.length + elementCount(shape) * itemSizes[dtype];
    const chunks = function* () {
      yield header;
      yield* chunksOf(tensor, pieceBytes);
    };
    return { name: `${name}.npy`, size, chunks };
  });
  await writeAtomically(path, (file) => writeZip(file, sources));
}
