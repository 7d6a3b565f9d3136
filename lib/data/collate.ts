import { expected, unknownName } from "../errors.ts";
import { isPlainObject, mergeOptions, number } from "../options.ts";
import { cat, stack } from "../torch/generated/functions.ts";
import { scope } from "../torch/scope.ts";
import { Tensor } from "../torch/tensor.ts";
import { holdsTensor } from "./nested.ts";
import { layOut, offsetsOf, paddingMask, readPadded } from "./pad.ts";
import { addPadded, type PaddingOptions, readPadding } from "./padding.ts";
import type { Collate, Example, XDict, YDict } from "./types.ts";

/** Options of {@link padBatch}. */
export interface PadBatchOptions {
  /** Rows are cut to this many values: the first ones, or the last with `leftPadded`. 0 (default) never cuts. */
  maxLen: number;
  /** What to pad with; 0 by default. */
  padValue: number;
  /** Put the padding before the values; after them by default. */
  leftPadded: boolean;
}

const padBatchDefaults: PadBatchOptions = { maxLen: 0, padValue: 0, leftPadded: false };

/**
 * Pads 1-d tensors to the length of the longest.
 *
 * @returns `padded`, `[batch, longest]`, and `mask`, of the same shape and dtype: 1 at padding, 0 at values. A value
 *   that happens to equal `padValue` is no padding: Snorkel's mask takes it for one.
 * @throws TypeError for an empty batch and for tensors that are not 1-d.
 * @see snorkel.classification.utils.pad_batch
 */
export function padBatch(
  batch: readonly Tensor[],
  options: Partial<PadBatchOptions> = {},
): [padded: Tensor, mask: Tensor] {
  const where = "padBatch";
  const { maxLen, padValue, leftPadded } = mergeOptions(where, padBatchDefaults, options);
  number(where, "maxLen", maxLen, { min: 0, integer: true });
  const [first] = batch;
  if (first === undefined) throw expected(where, "at least one tensor", "batch", batch);
  for (const [i, row] of batch.entries()) {
    if (!(row instanceof Tensor)) throw expected(where, "a Tensor", `batch[${i}]`, row);
    if (row.shape.length !== 1)
      throw new TypeError(`[${where}] expected 1-d tensors for batch, got ${shapesOf(batch)}`);
  }
  return scope(() => {
    const lengths = batch.map((row) => row.size(0));
    const layout = layOut(offsetsOf(lengths), [...batch.keys()], { maxLen, leftPadded });
    const padded = readPadded(cat([...batch]), layout, padValue);
    return [padded, paddingMask(layout, padded.device).to(padded)];
  });
}

/**
 * Joins the tensors of many examples into one with a leading dimension: tensors of one shape are stacked, 1-d tensors
 * of different lengths are padded on the right with 0 to `[batch, longest]`.
 *
 * @throws TypeError for tensors of other different shapes. Snorkel flattens those, which mixes up their dimensions.
 * @see snorkel.classification.utils.list_to_tensor
 */
export function listToTensor(items: readonly Tensor[]): Tensor {
  const where = "listToTensor";
  const [first] = items;
  if (first === undefined) throw expected(where, "at least one tensor", "items", items);
  for (const [i, item] of items.entries()) {
    if (!(item instanceof Tensor)) throw expected(where, "a Tensor", `items[${i}]`, item);
  }
  const shape = String(first.shape);
  if (items.every((item) => String(item.shape) === shape)) return stack(items);
  if (items.every((item) => item.shape.length === 1)) return scope(() => padBatch(items)[0]);
  const remedy = "Pad them to one shape, or give the loader a collate of your own";
  throw new TypeError(
    `[${where}] expected tensors of one shape, or 1-d tensors, for items, got ${shapesOf(items)}. ${remedy}`,
  );
}

/**
 * The values of one field, one per example: one tensor if they are tensors, else the list as it is. Records and arrays
 * that hold tensors are joined leaf by leaf, into a record or an array of what their leaves become.
 *
 * @throws TypeError for records of different keys and arrays of different lengths among those.
 */
export function joinValues(values: readonly unknown[]): unknown {
  const [first] = values;
  if (first instanceof Tensor) return listToTensor(values as Tensor[]);
  if (!values.some(holdsTensor)) return values;
  if (Array.isArray(first)) {
    for (const [i, value] of values.entries()) checkSameLength(i, value, first.length);
    return first.map((_, k) => joinValues((values as unknown[][]).map((value) => value[k])));
  }
  if (isPlainObject(first)) {
    for (const [i, value] of values.entries()) checkSameKeys(`the record of example ${i}`, value, first);
    const records = values as Record<string, unknown>[];
    const joined = Object.keys(first).map((key) => [key, joinValues(records.map((record) => record[key]))]);
    return Object.fromEntries(joined);
  }
  throw expected(
    "collateDicts",
    "tensors in every example of a field, or in none,",
    "the first value",
    first,
  );
}

/**
 * Joins examples into a batch: labels, and fields whose values are tensors, as {@link listToTensor} does; records and
 * arrays that hold tensors, leaf by leaf; any other field becomes the array of its values.
 *
 * @throws TypeError if an example lacks a field or a label that another has.
 * @see snorkel.classification.data.collate_dicts
 */
export function collateDicts(examples: readonly Example[]): Example {
  return collatePadded(examples, {});
}

/**
 * A collate like {@link collateDicts} that pads the named fields of one-dimensional tensors as the options say, with masks
 * and lengths where they are asked for: what a {@link RaggedField} does, for streams and datasets of one's own.
 */
export function padCollate(fields: Readonly<Record<string, Partial<PaddingOptions>>>): Collate {
  const paddings = Object.entries(fields).map(
    ([name, options]) => [name, readPadding(`padCollate, ${name}`, options)] as const,
  );
  return (examples) => collatePadded(examples, Object.fromEntries(paddings));
}

/** {@link collateDicts}, with some fields of one-dimensional tensors padded as the options say. */
export function collatePadded(
  examples: readonly Example[],
  paddings: Readonly<Record<string, PaddingOptions>>,
): Example {
  const xDict: XDict = {};
  const yDict: YDict = {};
  const [firstX, firstY] = examples[0] ?? [{}, {}];
  for (const [i, [x, y]] of examples.entries()) {
    checkSameKeys(`the fields of example ${i}`, x, firstX);
    checkSameKeys(`the labels of example ${i}`, y, firstY);
  }
  for (const name of Object.keys(paddings)) {
    if (!Object.hasOwn(firstX, name))
      throw unknownName("padCollate", "a field to pad", name, Object.keys(firstX));
  }
  for (const name of Object.keys(firstX)) {
    const values = examples.map(([x]) => x[name]);
    const padding = Object.hasOwn(paddings, name) ? paddings[name] : undefined;
    if (padding === undefined) xDict[name] = joinValues(values);
    else addRows(xDict, name, values, padding);
  }
  for (const name of Object.keys(firstY))
    yDict[name] = listToTensor(examples.map(([, y]) => y[name] as Tensor));
  return [xDict, yDict];
}

function addRows(xDict: XDict, name: string, rows: unknown[], padding: PaddingOptions): void {
  for (const [i, row] of rows.entries()) {
    if (row instanceof Tensor && row.shape.length === 1) continue;
    const got = row instanceof Tensor ? `shape [${row.shape}]` : row;
    throw expected("padCollate", "a 1-d Tensor", `field "${name}" of example ${i}`, got);
  }
  const tensors = rows as Tensor[];
  const layout = layOut(offsetsOf(tensors.map((row) => row.size(0))), [...rows.keys()], padding);
  scope(() => {
    addPadded(xDict, name, cat(tensors), layout, padding);
    return xDict;
  });
}

function checkSameLength(i: number, value: unknown, length: number): void {
  if (Array.isArray(value) && value.length === length) return;
  const remedy = "Pad the arrays, or give the loader a collate of your own";
  throw expected("collateDicts", `an array of ${length}, as the first is,`, `example ${i}`, value, remedy);
}

function checkSameKeys(what: string, dict: unknown, first: object): void {
  const names = Object.keys(first);
  const isSame =
    isPlainObject(dict) &&
    names.every((name) => Object.hasOwn(dict, name)) &&
    Object.keys(dict).length === names.length;
  if (isSame) return;
  throw expected("collateDicts", `[${names.join(", ")}], as the first example has,`, what, dict);
}

function shapesOf(tensors: readonly Tensor[]): string {
  const shapes = [...new Set(tensors.map((item) => `[${item.shape.join(", ")}]`))];
  return `shapes ${shapes.slice(0, 5).join(", ")}${shapes.length > 5 ? ", ..." : ""}`;
}
