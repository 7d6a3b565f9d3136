import { basename, dirname, join } from "node:path";
import { type FileToWrite, writeTogether } from "../files.ts";
import { readSafetensors, safetensorsFile } from "./safetensors-file.ts";
import { elementCount, itemSizes } from "./safetensors-header.ts";
import { indexSuffix, readIndex } from "./safetensors-index.ts";
import type { Tensor } from "./tensor.ts";

/**
 * Reads the tensors that an index names out of its shards.
 *
 * @throws TypeError naming the file and the place in it that is damaged; for a shard that is not beside the index; for a
 *   tensor that its shard lacks.
 */
export async function readSharded(path: string, device: string): Promise<Record<string, Tensor>> {
  const shards = await readIndex(path);
  const loaded: Record<string, Tensor>[] = [];
  try {
    for (const [shard, names] of shards) {
      loaded.push(await readSafetensors(join(dirname(path), shard), device, () => names));
    }
  } catch (error) {
    for (const tensors of loaded) for (const tensor of Object.values(tensors)) tensor.dispose();
    throw error;
  }
  return Object.fromEntries(loaded.flatMap((tensors) => Object.entries(tensors)));
}

/** Writes tensors as shards of at most so many bytes of elements (or one tensor), then the index that names them. */
export function writeSharded(
  where: string,
  path: string,
  tensors: Readonly<Record<string, Tensor>>,
  metadata: Record<string, string> | null,
  maxShardBytes: number,
): Promise<void> {
  const shards = split(tensors, maxShardBytes);
  const stem = basename(path).slice(0, -indexSuffix.length);
  const count = String(shards.length).padStart(5, "0");
  const weightMap: [string, string][] = [];
  const files = shards.map((shard, i): FileToWrite => {
    const name = `${stem}-${String(i + 1).padStart(5, "0")}-of-${count}.safetensors`;
    weightMap.push(...Object.keys(shard).map((tensor): [string, string] => [tensor, name]));
    return safetensorsFile(where, join(dirname(path), name), shard, metadata);
  });
  const total = Object.values(tensors).reduce((sum, tensor) => sum + byteCount(tensor), 0);
  const index = { metadata: { total_size: total }, weight_map: Object.fromEntries(weightMap) };
  const text = `${JSON.stringify(index, null, 2)}\n`;
  return writeTogether([...files, { path, write: (file) => file.writeFile(text) }]);
}

/** In the order of the tensors, each shard as full as it may be. */
function split(tensors: Readonly<Record<string, Tensor>>, most: number): Record<string, Tensor>[] {
  const shards: [string, Tensor][][] = [[]];
  let bytes = 0;
  for (const [name, tensor] of Object.entries(tensors)) {
    const size = byteCount(tensor);
    if (bytes > 0 && bytes + size > most) {
      shards.push([]);
      bytes = 0;
    }
    shards.at(-1)?.push([name, tensor]);
    bytes += size;
  }
  return shards.map((shard) => Object.fromEntries(shard));
}

function byteCount({ dtype, shape }: Tensor): number {
  return elementCount(shape) * itemSizes[dtype];
}
