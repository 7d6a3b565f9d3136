import { DictDataLoader } from "../data/index.ts";
import { expected } from "../errors.ts";
import { Task } from "../model/index.ts";
import { isPlainObject } from "../options.ts";
import type { SliceMembership } from "../scoring/index.ts";
import { keep, scope, type Tensor, tensor } from "../torch/index.ts";
import { indicatorName, predictorName, withBaseSlice } from "./slice-names.ts";

const where = "addSliceLabels";

/**
 * Adds the labels of slices to a loader's dataset, in place. For each slice of a task `spam`, and for the slice `base`
 * of all data points, these are
 *
 * - `spam_slice:short_ind`: the slice's column, 1 inside, 0 outside, -1 where that is not known;
 * - `spam_slice:short_pred`: the labels of the base task, -1 for all data points but those inside.
 *
 * @param S - by name of slice, `[n]`: 1 or `true`, 0 or `false`, or -1. What {@link SFApplier.apply} gives.
 * @throws TypeError for a dataset without the base task's labels, columns of another length, and other values; nothing
 *   is changed then.
 * @see snorkel.slicing.add_slice_labels
 */
export function addSliceLabels(loader: DictDataLoader, baseTask: Task, S: SliceMembership): void {
  if (!(loader instanceof DictDataLoader)) throw expected(where, "a DictDataLoader", "loader", loader);
  if (!(baseTask instanceof Task)) throw expected(where, "a Task", "baseTask", baseTask);
  const { dataset } = loader;
  const labels = dataset.yDict[baseTask.name];
  if (labels === undefined) {
    const remedy = `Base task (${baseTask.name}) labels missing: add them to the yDict`;
    throw expected(where, `labels of task "${baseTask.name}"`, String(dataset), dataset.labelNames, remedy);
  }
  if (labels.dtype === "bool" || labels.dtype === "uint8") {
    const what = "labels of a dtype that can be -1, such as int64,";
    throw expected(where, what, `task "${baseTask.name}"`, labels.dtype);
  }
  const columns = readColumns(S, dataset.length);
  const added = scope(() =>
    columns.flatMap(([slice, column]) => sliceLabels(baseTask.name, slice, column, labels)),
  );
  for (const [name, values] of added) dataset.yDict[name] = keep(values);
}

/** The columns by slice as numbers, and that of the base slice behind them, if it is not among them. */
function readColumns(S: SliceMembership, length: number): [slice: string, column: BigInt64Array][] {
  if (!isPlainObject(S)) throw expected(where, "an object of arrays", "S", S);
  return withBaseSlice(where, Object.keys(S)).map((slice) => [
    slice,
    Object.hasOwn(S, slice) ? readColumn(slice, S[slice], length) : new BigInt64Array(length).fill(1n),
  ]);
}

function readColumn(slice: string, column: unknown, length: number): BigInt64Array {
  const name = `S[${JSON.stringify(slice)}]`;
  const isArray = Array.isArray(column) || (ArrayBuffer.isView(column) && "length" in column);
  if (!isArray) throw expected(where, "an array", name, column);
  if (column.length !== length)
    throw expected(where, `${length} elements, as the dataset has,`, name, column.length);
  return BigInt64Array.from(column as ArrayLike<unknown>, (vote, i) => {
    if (vote === 1 || vote === true) return 1n;
    if (vote === 0 || vote === false) return 0n;
    if (vote === -1) return -1n;
    throw expected(where, "1, 0, true, false or -1", `${name}[${i}]`, vote);
  });
}

/** The two labels of a slice. */
function sliceLabels(
  taskName: string,
  slice: string,
  column: BigInt64Array,
  labels: Tensor,
): [label: string, values: Tensor][] {
  const votes = tensor(column, { device: labels.device });
  const inside = votes.eq(1).view([labels.size(0), ...labels.shape.slice(1).map(() => 1)]);
  return [
    [indicatorName(taskName, slice), votes],
    [predictorName(taskName, slice), labels.where(inside, -1)],
  ];
}
