import { expected, unknownName } from "../errors.ts";
import { scope } from "../torch/scope.ts";
import { Tensor } from "../torch/tensor.ts";
import { type Batch, collatedBatch } from "./batch.ts";
import { collateDicts } from "./collate.ts";
import { visitTensors } from "./nested.ts";
import type { StreamDataLoader } from "./stream-data-loader.ts";
import type { Example } from "./types.ts";

/**
 * The batch that some items of a stream make: one item that is a batch already, or the examples of one. Where the loader
 * owns the tensors of its source, those that are not in the batch are freed.
 *
 * @param first - the number of the first example, counted over the pass
 * @throws TypeError for other labels than the loader names, and labels of different lengths.
 */
export async function streamBatch(loader: StreamDataLoader, items: Example[], first: number): Promise<Batch> {
  const { batchSize, collate, ownsTensors } = loader.options;
  if (batchSize === null) {
    const [pair] = items as [Example];
    const batch = collatedBatch(`${loader}`, pair, positions(first, rowsOf(loader, pair)), ownsTensors);
    checkLabelNames(loader, batch);
    return batch;
  }
  const isDefault = collate === collateDicts;
  const pair = isDefault ? scope(() => collateDicts(items)) : await collate(items);
  const isFresh = isDefault || ownsTensors;
  const batch = collatedBatch(`${loader}`, pair, positions(first, items.length), isFresh);
  if (ownsTensors) disposeTensors(items, batch);
  checkLabelNames(loader, batch);
  return batch;
}

/** Frees the tensors of some items, but those that are in a batch. */
export function disposeTensors(items: Example[], batch: Batch | null): void {
  const kept = new Set<Tensor>();
  visitTensors(batch && [batch.xDict, batch.yDict], (tensor) => kept.add(tensor));
  visitTensors(items, (tensor) => {
    if (!kept.has(tensor)) tensor.dispose();
  });
}

function positions(first: number, count: number): Int32Array {
  return new Int32Array(count).map((_, i) => first + i);
}

/** How many examples a batch of the source has: the rows of its labels, or of its fields where there are no labels. */
function rowsOf(loader: StreamDataLoader, [xDict, yDict]: Example): number {
  const counts = new Map<string, number>();
  for (const [name, label] of Object.entries(yDict)) counts.set(`label "${name}"`, rows(loader, name, label));
  if (counts.size === 0) {
    for (const [name, field] of Object.entries(xDict)) {
      if (field instanceof Tensor || Array.isArray(field))
        counts.set(`field "${name}"`, rows(loader, name, field));
    }
  }
  const [first] = counts;
  if (first === undefined) throw expected(`${loader}`, "tensors or arrays", "the fields of a batch", xDict);
  for (const [name, count] of counts) {
    if (count === first[1]) continue;
    throw expected(`${loader}`, `${first[1]} rows, as ${first[0]} has,`, `${name} of a batch`, count);
  }
  return first[1];
}

function rows(loader: StreamDataLoader, name: string, values: unknown): number {
  const count = values instanceof Tensor ? values.shape[0] : (values as unknown[]).length;
  if (count !== undefined) return count;
  const remedy = "Where the source gives examples, say how many make a batch by `batchSize`";
  throw expected(`${loader}`, "a dimension of examples", `"${name}" of a batch`, "shape []", remedy);
}

/** Every batch has the labels that the loader names, as every example of a dataset has: -1 stands for none. */
function checkLabelNames(loader: StreamDataLoader, batch: Batch): void {
  const { labelNames } = loader.dataset;
  const odd = Object.keys(batch.yDict).find((name) => !labelNames.includes(name));
  const missing = labelNames.find((name) => !Object.hasOwn(batch.yDict, name));
  if (odd === undefined && missing === undefined) return;
  batch.dispose();
  if (odd !== undefined) throw unknownName(`${loader}`, "a label of a batch", odd, labelNames);
  const remedy = "Give -1 where there is no label";
  throw expected(`${loader}`, `label "${missing}", one of labelNames,`, "a batch", batch.yDict, remedy);
}
