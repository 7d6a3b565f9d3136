import { dirname, join } from "node:path";
import { expected } from "../errors.ts";
import { isPlainObject } from "../options.ts";
import { readFile } from "../torch/read-file.ts";
import { readHeader } from "../torch/read-safetensors-header.ts";
import { type ElementFormat, loadableFormats, type SafetensorsHeader } from "../torch/safetensors-header.ts";
import { readIndex } from "../torch/safetensors-index.ts";
import { fromExactJson } from "../training/exact-json.ts";
import { trainingKey } from "../training/saved-training.ts";
import type { SafetensorsDescription, TensorDescription, TrainingDescription } from "./description.ts";

/** The dtypes of the format, also those that are not loaded, by PyTorch's names. */
const allFormats: ReadonlyMap<string, ElementFormat<string>> = new Map<string, ElementFormat<string>>([
  ...loadableFormats,
  ["U16", { dtype: "uint16", bits: 16 }],
  ["U32", { dtype: "uint32", bits: 32 }],
  ["U64", { dtype: "uint64", bits: 64 }],
  ["C64", { dtype: "complex64", bits: 64 }],
  ["F8_E4M3", { dtype: "float8_e4m3fn", bits: 8 }],
  ["F8_E5M2", { dtype: "float8_e5m2", bits: 8 }],
  ["F8_E8M0", { dtype: "float8_e8m0fnu", bits: 8 }],
  ["F6_E2M3", { dtype: "float6_e2m3", bits: 6 }],
  ["F6_E3M2", { dtype: "float6_e3m2", bits: 6 }],
  ["F4", { dtype: "float4_e2m1", bits: 4 }],
]);

function headerOf(path: string): Promise<SafetensorsHeader<string>> {
  const where = `safetensors ${path}`;
  return readFile(
    where,
    path,
    async (file, size) => (await readHeader(where, file, size, allFormats)).header,
  );
}

export async function describeSafetensors(path: string, bytes: number): Promise<SafetensorsDescription> {
  const { metadata, tensors } = await headerOf(path);
  const training = describeTraining(metadata?.[trainingKey]);
  return { format: "safetensors", path, bytes, tensors: listed(tensors), metadata, shards: null, training };
}

/** The tensors that an index names, with what the headers of its shards say of them. */
export async function describeShards(path: string, bytes: number): Promise<SafetensorsDescription> {
  const shards = await readIndex(path);
  const tensors: TensorDescription[] = [];
  for (const [shard, names] of shards) {
    const where = join(dirname(path), shard);
    const there = new Map(listed((await headerOf(where)).tensors).map((tensor) => [tensor.name, tensor]));
    for (const name of names) {
      const tensor = there.get(name);
      if (tensor === undefined) {
        throw expected(
          `safetensors ${where}`,
          `a tensor ${JSON.stringify(name)}`,
          "the file",
          Object.fromEntries(there),
        );
      }
      tensors.push(tensor);
    }
  }
  return {
    format: "safetensors",
    path,
    bytes,
    tensors,
    metadata: null,
    shards: [...shards.keys()],
    training: null,
  };
}

function listed(tensors: SafetensorsHeader<string>["tensors"]): TensorDescription[] {
  return Object.entries(tensors).map(
    ([
      name,
      {
        dtype,
        shape,
        dataOffsets: [start, end],
      },
    ]) => {
      return { name, dtype, shape, bytes: end - start };
    },
  );
}

/** What a file of `Trainer.save` says of a training; null where that is not to be understood. */
function describeTraining(text: string | undefined): TrainingDescription | null {
  if (text === undefined) return null;
  let saved: unknown;
  try {
    saved = fromExactJson(text);
  } catch {
    return null;
  }
  if (!isPlainObject(saved) || !isPlainObject(saved.config) || !isPlainObject(saved.metrics)) return null;
  const { name, config, metrics } = saved;
  const facts = isPlainObject(saved.facts) ? saved.facts : {};
  const history = isPlainObject(facts.history) ? facts.history : {};
  const count = (value: unknown) => (typeof value === "number" ? value : null);
  const [epoch, position, batches] = [count(facts.epoch), count(facts.position), count(history.batches)];
  // What is saved right after the last batch of an epoch counts it as one that is still to be ended.
  const isAtEnd = epoch !== null && position !== null && position > 0 && batches === (epoch + 1) * position;
  return {
    name: String(name),
    epoch: isAtEnd ? epoch + 1 : epoch,
    nEpochs: Number(config.nEpochs),
    position: isAtEnd ? 0 : position,
    batches,
    config,
    metrics: metrics as Record<string, number>,
    loaders: Array.isArray(facts.loaders) ? facts.loaders : [],
  };
}
