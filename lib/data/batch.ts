import { expected } from "../errors.ts";
import { isPlainObject } from "../options.ts";
import { tensor } from "../torch/creation.ts";
import { scope } from "../torch/scope.ts";
import { Tensor } from "../torch/tensor.ts";
import { countActive } from "./active-rows.ts";
import type { DictDataset } from "./dict-dataset.ts";
import { gatherInto } from "./field.ts";
import { moveToDevice } from "./move-to-device.ts";
import { visitTensors } from "./nested.ts";
import type { XDict, YDict } from "./types.ts";

/**
 * What a loader gives: the pair of features and labels, as in `for (const [x, y] of loader)`, and by name the same two
 * and what the loader knows about them.
 */
export interface Batch extends Readonly<[xDict: XDict, yDict: YDict]> {
  readonly xDict: XDict;
  readonly yDict: YDict;
  /** The positions of the examples in the dataset; of a stream, their numbers as they came, from 0 in each pass. */
  readonly indices: Int32Array;
  /** The number of examples. */
  readonly size: number;
  /** For each label, how many examples have a value for it (an element other than -1). */
  readonly activeCounts: Readonly<Record<string, number>>;
  /**
   * Frees the tensors of the batch now, as `using` does. Those of a collate of one's own stay: they may be shared with
   * the dataset.
   */
  dispose(): void;
  [Symbol.dispose](): void;
}

/**
 * The batch of the examples at the given positions: equal to collating them one by one, but each tensor is gathered by
 * one operator, and labels are counted without reading their device.
 */
export function gatherBatch(dataset: DictDataset, indices: Int32Array): Batch {
  return scope(() => {
    const onDevice = new Map<string, Tensor>();
    const indexOn = (device: string) => {
      const index = onDevice.get(device) ?? tensor(indices, { device });
      onDevice.set(device, index);
      return index;
    };
    const xDict: XDict = {};
    const yDict: XDict = {};
    const activeCounts: Record<string, number> = {};
    for (const [name, field] of Object.entries(dataset.xDict))
      gatherInto(xDict, name, field, indices, indexOn);
    for (const [name, label] of Object.entries(dataset.yDict)) {
      gatherInto(yDict, name, label, indices, indexOn);
      activeCounts[name] =
        label instanceof Tensor ? countActive(label, indices) : countActive(yDict[name] as Tensor);
    }
    return makeBatch(xDict, yDict as YDict, indices, activeCounts, true);
  });
}

/** The batch on a device: itself if that is the CPU, else with copies of what is not there. */
export function batchOn(batch: Batch, device: string): Batch {
  if (device === "cpu") return batch;
  const { xDict, yDict, indices, activeCounts } = batch;
  return makeBatch(moveToDevice(xDict, device), moveToDevice(yDict, device), indices, activeCounts, false);
}

/**
 * The batch that a collate made.
 *
 * @param where - whose collate, for messages
 * @param isFresh - whether all its tensors were made for it, so that it may free them
 * @throws TypeError if it is no pair of features and labels, or a label is no tensor.
 */
export function collatedBatch(where: string, pair: unknown, indices: Int32Array, isFresh: boolean): Batch {
  const [xDict, yDict] = Array.isArray(pair) ? pair : [];
  if (!isPlainObject(xDict) || !isPlainObject(yDict)) {
    throw expected(where, "a pair [xDict, yDict]", "what collate returns", pair);
  }
  const activeCounts: Record<string, number> = {};
  for (const [name, label] of Object.entries(yDict)) {
    if (!(label instanceof Tensor))
      throw expected(where, "a Tensor", `label ${JSON.stringify(name)} of collate`, label);
    activeCounts[name] = countActive(label);
  }
  return makeBatch(xDict, yDict as YDict, indices, activeCounts, isFresh);
}

function makeBatch(
  xDict: XDict,
  yDict: YDict,
  indices: Int32Array,
  activeCounts: Record<string, number>,
  isFresh: boolean,
): Batch {
  const dispose = () => {
    if (!isFresh) return;
    visitTensors([xDict, yDict], (value) => value.dispose());
  };
  const pair = [xDict, yDict] as const;
  const size = indices.length;
  return Object.assign(pair, {
    xDict,
    yDict,
    indices,
    size,
    activeCounts,
    dispose,
    [Symbol.dispose]: dispose,
  });
}
