import { expected } from "../errors.ts";
import type { LabelArray } from "./arrays.ts";
import { classLabels, type Inputs } from "./inputs.ts";

/** How often each class was right, was predicted, and was there. Most metrics of labels are functions of these. */
export interface Counts {
  /** What is counted, in ascending order: the classes that golds or preds name, or the positions of labels or rows. */
  labels: Float64Array;
  truePositives: Float64Array;
  predicted: Float64Array;
  actual: Float64Array;
}

/** The counts of every class. */
export function countClasses({ metric, golds, preds }: Inputs): Counts {
  return countLabels(classLabels(metric, "golds", golds), classLabels(metric, "preds", preds));
}

/** The counts of every class that golds or preds name: integers, as many of each. */
export function countLabels(golds: LabelArray, preds: LabelArray): Counts {
  const { labels, positionOf } = index(golds, preds);
  const [truePositives, predicted, actual] = [zeros(labels), zeros(labels), zeros(labels)];
  for (let row = 0; row < golds.length; row++) {
    const gold = positionOf(golds[row] as number);
    const pred = positionOf(preds[row] as number);
    increase(actual, gold);
    increase(predicted, pred);
    if (gold === pred) increase(truePositives, gold);
  }
  return { labels, truePositives, predicted, actual };
}

/** The distinct labels in ascending order, and where each stands among them. */
export function index(...arrays: LabelArray[]): {
  labels: Float64Array;
  positionOf: (label: number) => number;
} {
  let [least, greatest, count] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0];
  for (const array of arrays) {
    count += array.length;
    for (let i = 0; i < array.length; i++) {
      const label = array[i] as number;
      if (label < least) least = label;
      if (label > greatest) greatest = label;
    }
  }
  // Close to each other, as class labels are, they are counted by their distance from the least; else by a hash.
  if (greatest - least > 4 * count + 1000) return indexSparse(arrays);
  const positions = new Int32Array(count === 0 ? 0 : greatest - least + 1);
  for (const array of arrays)
    for (let i = 0; i < array.length; i++) positions[(array[i] as number) - least] = 1;
  const labels: number[] = [];
  for (let i = 0; i < positions.length; i++) {
    if (positions[i] === 1) positions[i] = labels.push(least + i) - 1;
  }
  return {
    labels: Float64Array.from(labels),
    positionOf: (label) => positions[label - least] as number,
  };
}

function indexSparse(arrays: readonly LabelArray[]): ReturnType<typeof index> {
  const distinct = new Set<number>();
  for (const array of arrays) for (let i = 0; i < array.length; i++) distinct.add(array[i] as number);
  const labels = Float64Array.from(distinct).sort();
  const positions = new Map(Array.from(labels, (label, position) => [label, position]));
  return { labels, positionOf: (label) => positions.get(label) as number };
}

/** Calls back for each entry of a multi-label problem that is known. @throws TypeError for what is neither 0 nor 1. */
export function visitEntries(
  { metric, golds, preds, missing }: Inputs,
  visit: (gold: number, pred: number, row: number, label: number) => void,
): void {
  const { rows, width } = golds;
  if (preds.width !== width) {
    const labels = preds.width === 1 ? "one label per row, as preds has," : `${preds.width} labels per row`;
    throw expected(metric, labels, "golds", width);
  }
  const [ofGolds, ofPreds] = [golds.data, preds.data];
  for (let row = 0, i = 0; row < rows; row++) {
    for (let label = 0; label < width; label++, i++) {
      if (missing !== null && missing[i] === 1) continue;
      const [gold, pred] = [ofGolds[i] as number, ofPreds[i] as number];
      if (gold !== 0 && gold !== 1) bit(metric, "golds", gold);
      if (pred !== 0 && pred !== 1) bit(metric, "preds", pred);
      visit(gold, pred, row, label);
    }
  }
}

/** @throws TypeError for what is neither 0 nor 1. */
export function bit(metric: string, name: string, value: number | undefined): number {
  if (value === 0 || value === 1) return value;
  throw expected(metric, "0 or 1 for each of several labels", name, value);
}

/** The counts of each label, or of each row, of a multi-label problem. Rows without a known entry are left out. */
export function countEntries(inputs: Inputs, by: "label" | "row"): Counts {
  const count = by === "label" ? inputs.golds.width : inputs.golds.rows;
  const all = Float64Array.from({ length: count }, (_, i) => i);
  const [truePositives, predicted, actual, known] = [zeros(all), zeros(all), zeros(all), zeros(all)];
  visitEntries(inputs, (gold, pred, row, label) => {
    const i = by === "label" ? label : row;
    known[i] = 1;
    if (gold === 1) increase(actual, i);
    if (pred === 1) increase(predicted, i);
    if (gold + pred === 2) increase(truePositives, i);
  });
  if (by === "label" || !known.includes(0)) return { labels: all, truePositives, predicted, actual };
  const kept = (values: Float64Array) => values.filter((_, i) => known[i] === 1);
  const left = [all, truePositives, predicted, actual].map(kept) as [Float64Array, ...Float64Array[]];
  const [labels, ...counts] = left as [Float64Array, Float64Array, Float64Array, Float64Array];
  return { labels, truePositives: counts[0], predicted: counts[1], actual: counts[2] };
}

/** Everything counted together. */
export function total(counts: Counts): Counts {
  const sum = (values: Float64Array) => Float64Array.of(values.reduce((a, b) => a + b, 0));
  const { truePositives, predicted, actual } = counts;
  return {
    labels: new Float64Array(1),
    truePositives: sum(truePositives),
    predicted: sum(predicted),
    actual: sum(actual),
  };
}

function zeros({ length }: Float64Array): Float64Array {
  return new Float64Array(length);
}

function increase(counts: Float64Array, position: number): void {
  counts[position] = (counts[position] as number) + 1;
}
