import {
  collateDicts,
  DictDataLoader,
  DictDataset,
  type Example,
  type PaddingOptions,
  padCollate,
  RaggedField,
  type XDict,
} from "../../../lib/data/index.ts";
import { isPlainObject } from "../../../lib/options.ts";
import { type Dtype, scope, Tensor, type TensorData, tensor } from "../../../lib/torch/index.ts";
import type { Row } from "./row.ts";

interface PaddedCase {
  dtype: string;
  rows: number[][];
  order: number[];
  options: Partial<PaddingOptions>;
  padded: number[][];
  mask: boolean[][];
  lengths: number[];
}

/** Compares padding, masks and nested collating with PyTorch: 0 where every element is the same, else 1. */
export function compareFields(golden: { padded: readonly unknown[]; nested: readonly unknown[] }): Row[] {
  return scope(() => [
    ...(golden.padded as readonly PaddedCase[]).flatMap(comparePadding),
    ...(golden.nested as readonly { values: unknown[]; collated: unknown }[]).map(compareNested),
  ]);
}

/** The same padding by a field of a dataset, and by a collate. */
function comparePadding({ dtype, rows, order, options, padded, mask, lengths }: PaddedCase): Row[] {
  const asked = { ...options, mask: true, lengths: true };
  const field = RaggedField.from(rows, { dtype: dtype as Dtype, ...asked });
  const dataset = new DictDataset({ name: "d", split: "train", xDict: { t: field }, yDict: {} });
  const [batch] = new DictDataLoader(dataset, { batchSampler: [order] });
  const examples = order.map((i): Example => [{ t: field.row(i) }, {}]);
  const [collated] = padCollate({ t: asked })(examples) as Example;
  const expected = { t: padded, t_mask: mask, t_lengths: lengths };
  const name = `${JSON.stringify(rows.map((row) => row.length))} ${dtype} ${JSON.stringify(options)}`;
  return [
    rowOf(`padded field ${name}`, elements(batch?.xDict), expected),
    rowOf(`padding collate ${name}`, elements(collated), expected),
  ];
}

function compareNested({ values, collated }: { values: unknown[]; collated: unknown }): Row {
  const examples = values.map((value): Example => [{ field: revive(value) }, {}]);
  const [xDict] = collateDicts(examples);
  return rowOf(
    `nested collate ${JSON.stringify(values)}`,
    { field: marked(xDict.field) },
    { field: collated },
  );
}

function rowOf(name: string, ours: unknown, python: unknown): Row {
  return {
    part: "loader",
    name,
    difference: JSON.stringify(ours) === JSON.stringify(python) ? 0 : 1,
    bound: 0,
  };
}

function elements(xDict: XDict | undefined): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(xDict ?? {}).map(([name, value]) => [name, (value as Tensor).tolist()]),
  );
}

/** A value of the JSON, with tensors. */
function revive(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(revive);
  if (!isPlainObject(value)) return value;
  if ("tensor" in value) return tensor(value.tensor as TensorData);
  return mapValues(value, revive);
}

/** What {@link revive} makes tensors of. */
function marked(value: unknown): unknown {
  if (value instanceof Tensor) return { tensor: value.tolist() };
  if (Array.isArray(value)) return value.map(marked);
  return isPlainObject(value) ? mapValues(value, marked) : value;
}

function mapValues(record: Record<string, unknown>, map: (value: unknown) => unknown): object {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]));
}
