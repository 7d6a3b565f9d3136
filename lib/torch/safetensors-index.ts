import { expected } from "../errors.ts";
import { isPlainObject } from "../options.ts";
import { readBytes, readFile } from "./read-file.ts";
import { maxHeaderBytes } from "./safetensors-header.ts";

/** How the name of an index ends; the shards lie beside it. */
export const indexSuffix = ".safetensors.index.json";

/** The shards that an index names, each with the names of its tensors. */
export async function readIndex(path: string): Promise<Map<string, string[]>> {
  const where = `safetensors ${path}`;
  const text = await readFile(where, path, (file, size) => {
    if (size > maxHeaderBytes) throw expected(where, `at most ${maxHeaderBytes} bytes`, "the index", size);
    return readBytes(file, Buffer.alloc(size), 0);
  });
  let index: unknown;
  try {
    index = JSON.parse(text.toString("utf8"));
  } catch (error) {
    throw new TypeError(`[${where}] expected JSON for the index, got ${(error as Error).message}`, {
      cause: error,
    });
  }
  const map = isPlainObject(index) ? index.weight_map : index;
  if (!isPlainObject(map)) throw expected(where, "an object of file names", "weight_map", map);
  const shards = new Map<string, string[]>();
  for (const [name, shard] of Object.entries(map)) {
    if (typeof shard !== "string" || !isBeside(shard)) {
      throw expected(
        where,
        "the name of a .safetensors file beside the index",
        `the shard of ${JSON.stringify(name)}`,
        shard,
      );
    }
    const names = shards.get(shard);
    if (names === undefined) shards.set(shard, [name]);
    else names.push(name);
  }
  return shards;
}

function isBeside(shard: string): boolean {
  return /^[^/\\:\0]+\.safetensors$/.test(shard);
}
