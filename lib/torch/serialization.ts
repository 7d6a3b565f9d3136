import { expected } from "../errors.ts";
import { writeTogether } from "../files.ts";
import { isPlainObject, mergeOptions, number } from "../options.ts";
import { checkDevice } from "./device.ts";
import { readSafetensors, safetensorsFile } from "./safetensors-file.ts";
import { checkMetadata } from "./safetensors-header.ts";
import { indexSuffix } from "./safetensors-index.ts";
import { readSharded, writeSharded } from "./sharded-safetensors.ts";
import { Tensor } from "./tensor.ts";

export { readSafetensorsHeader } from "./read-safetensors-header.ts";
export type { SafetensorsEntry, SafetensorsHeader } from "./safetensors-header.ts";

/** How tensors are spread over files. */
export interface ShardOptions {
  /** The bytes of elements in one shard; a tensor that is larger has one for itself. 5e9 by default. */
  maxShardBytes?: number;
}

/**
 * Writes named tensors as a safetensors file, byte for byte as the official implementation does. The file appears whole
 * or not at all. The format knows no aliases: tensors that share memory are each written out. The tensors must not be
 * changed before the promise resolves.
 *
 * A path that ends in `.safetensors.index.json` gets the tensors as shards, as Hugging Face's libraries write them:
 * `model-00001-of-00002.safetensors` and its like beside the index. All are written before the first is put in its
 * place, and the index comes last.
 *
 * @param tensors - of any shape, strides and device
 * @param metadata - strings to be kept in the header (of each shard); none by default
 * @throws TypeError for a value that is no live tensor, a dtype that the format does not have, metadata that is no string,
 *   or `maxShardBytes` where the path is not an index's.
 * @throws Error naming the file where it cannot be written; what was there stays.
 * @see https://huggingface.co/docs/safetensors
 */
export async function saveSafetensors(
  path: string,
  tensors: Record<string, Tensor>,
  metadata?: Record<string, string>,
  options: ShardOptions = {},
): Promise<void> {
  const where = "torch.saveSafetensors";
  checkTensors(where, tensors);
  const checked = metadata === undefined ? null : checkMetadata(where, metadata);
  const { maxShardBytes } = mergeOptions<{ maxShardBytes: number | null }>(
    where,
    { maxShardBytes: null },
    options,
  );
  if (String(path).endsWith(indexSuffix)) {
    const most = number(where, "maxShardBytes", maxShardBytes ?? 5e9, { min: 1, integer: true });
    return writeSharded(where, path, tensors, checked, most);
  }
  if (maxShardBytes !== null) {
    throw expected(where, `a path that ends in ${indexSuffix} with maxShardBytes`, "path", path);
  }
  await writeTogether([safetensorsFile(where, path, tensors, checked)]);
}

/** Checks that a value is an object of live tensors. */
export function checkTensors(where: string, tensors: unknown): asserts tensors is Record<string, Tensor> {
  if (!isPlainObject(tensors)) throw expected(where, "an object of tensors", "tensors", tensors);
  for (const [name, tensor] of Object.entries(tensors)) {
    if (!(tensor instanceof Tensor) || tensor.isDisposed) {
      throw expected(where, "a Tensor that is not disposed", JSON.stringify(name), tensor);
    }
  }
}

/**
 * Reads all tensors of a safetensors file, or those that an index (`.safetensors.index.json`) names out of the shards
 * beside it. Nothing in a file is trusted: it is checked before memory is taken, and no more is taken than it is long.
 *
 * @param options.device - where the tensors are put; "cpu" by default
 * @throws TypeError naming the file and the place in it that is damaged, or has a dtype that we lack.
 * @throws Error naming the file where it cannot be read.
 */
export async function loadSafetensors(
  path: string,
  options: { device?: string } = {},
): Promise<Record<string, Tensor>> {
  const given = mergeOptions("torch.loadSafetensors", { device: "cpu" }, options);
  const device = checkDevice("torch.loadSafetensors", given.device);
  return String(path).endsWith(indexSuffix) ? readSharded(path, device) : readSafetensors(path, device);
}
