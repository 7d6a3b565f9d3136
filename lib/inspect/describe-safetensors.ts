import { dirname, join } from "node:path";
import { expected } from "../errors.ts";
import { isPlainObject } from "../options.ts";
import { readSafetensorsHeader } from "../torch/read-safetensors-header.ts";
import type { SafetensorsHeader } from "../torch/safetensors-header.ts";
import { readIndex } from "../torch/safetensors-index.ts";
import { fromExactJson } from "../training/exact-json.ts";
import { trainingKey } from "../training/saved-training.ts";
import type { SafetensorsDescription, TensorDescription, TrainingDescription } from "./description.ts";

export async function describeSafetensors(path: string, bytes: number): Promise<SafetensorsDescription> {
  const { metadata, tensors } = await readSafetensorsHeader(path);
  const training = describeTraining(metadata?.[trainingKey]);
  return { format: "safetensors", path, bytes, tensors: listed(tensors), metadata, shards: null, training };
}

/** The tensors that an index names, with what the headers of its shards say of them. */
export async function describeShards(path: string, bytes: number): Promise<SafetensorsDescription> {
  const shards = await readIndex(path);
  const tensors: TensorDescription[] = [];
  for (const [shard, names] of shards) {
    const where = join(dirname(path), shard);
    const there = new Map(
      listed((await readSafetensorsHeader(where)).tensors).map((tensor) => [tensor.name, tensor]),
    );
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

function listed(tensors: SafetensorsHeader["tensors"]): TensorDescription[] {
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
  return {
    name: String(name),
    epoch: count(facts.epoch),
    nEpochs: Number(config.nEpochs),
    position: count(facts.position),
    batches: count(history.batches),
    config,
    metrics: metrics as Record<string, number>,
    loaders: Array.isArray(facts.loaders) ? facts.loaders : [],
  };
}
