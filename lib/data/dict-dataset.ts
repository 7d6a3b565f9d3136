import { inspect } from "node:util";
import { expected } from "../errors.ts";
import { checkName, isPlainObject, mergeOptions } from "../options.ts";
import { Tensor } from "../torch/tensor.ts";
import { activeRows } from "./active-rows.ts";
import { elementOf, type Field, toField, visitLengths } from "./field.ts";
import { RaggedField } from "./ragged.ts";
import type { Example, XDict, YDict } from "./types.ts";

/** What a {@link DictDataset} is made of. */
export interface DictDatasetOptions {
  /** The name of the dataset, under which its metrics are reported. */
  name: string;
  /** The split that the data is, such as "train". */
  split: string;
  /**
   * The features by field name. A list of 1-d rows (arrays of numbers, typed arrays, tensors) becomes a
   * {@link RaggedField}; any other array, of strings for example, stays an array, in a batch too. An object of fields is
   * one field whose batch is an object.
   */
  xDict: Record<string, Field>;
  /** The labels by label name, `[n]` or `[n, ...]`; -1 where there is none. May be empty: such data can be predicted. */
  yDict: Record<string, Tensor>;
}

/** The names that {@link DictDataset.fromTensors} gives. */
export interface FromTensorsOptions {
  /** The name of the one field; "input_data" by default. */
  inputDataKey: string;
  /** The name of the one label, and so of its task; "task" by default. */
  taskName: string;
  /** The name of the dataset; "SnorkelDataset" by default. */
  datasetName: string;
}

const fromTensorsDefaults: FromTensorsOptions = {
  inputDataKey: "input_data",
  taskName: "task",
  datasetName: "SnorkelDataset",
};

const where = "DictDataset";

/**
 * A dataset of named fields and named labels.
 *
 * `xDict` and `yDict` may be changed later; loaders of the dataset see that from their next batch on.
 * @see snorkel.classification.DictDataset
 */
export class DictDataset {
  #measured: { parts: readonly unknown[]; length: number } | null = null;
  readonly name: string;
  readonly split: string;
  /** All features by field name. */
  xDict: Record<string, Field>;
  /** All labels by label name. */
  yDict: Record<string, Tensor>;

  /** @throws TypeError for a label that is no tensor, and for fields and labels of different lengths. */
  constructor(options: DictDatasetOptions) {
    const required: { [Name in keyof DictDatasetOptions]: unknown } = {
      name: undefined,
      split: undefined,
      xDict: undefined,
      yDict: undefined,
    };
    const { name, split, xDict, yDict } = mergeOptions(where, required, options);
    if (typeof name !== "string") throw expected(where, "a string", "name", name);
    if (typeof split !== "string") throw expected(where, "a string", "split", split);
    if (!isPlainObject(xDict)) throw expected(where, "a plain object of fields", "xDict", xDict);
    if (!isPlainObject(yDict)) throw expected(where, "a plain object of labels", "yDict", yDict);
    for (const field of Object.keys(xDict)) checkName(where, "a name in xDict", field);
    for (const label of Object.keys(yDict)) checkName(where, "a name in yDict", label);
    this.name = name;
    this.split = split;
    this.yDict = Object.fromEntries(
      Object.entries(yDict).map(([key, label]) => [key, checkLabel(key, label)]),
    );
    commonLength(xDict, this.yDict);
    this.xDict = Object.fromEntries(Object.entries(xDict).map(([key, field]) => [key, toField(key, field)]));
  }

  /**
   * A dataset of one field and one label.
   *
   * @param X - `[n, ...]`
   * @param Y - `[n]` or `[n, classes]`
   */
  static fromTensors(
    X: Tensor,
    Y: Tensor,
    split: string,
    options: Partial<FromTensorsOptions> = {},
  ): DictDataset {
    const { inputDataKey, taskName, datasetName } = mergeOptions(
      "DictDataset.fromTensors",
      fromTensorsDefaults,
      options,
    );
    return new DictDataset({
      name: datasetName,
      split,
      xDict: { [inputDataKey]: X },
      yDict: { [taskName]: Y },
    });
  }

  /**
   * The number of examples.
   * @throws TypeError if fields and labels have different lengths, after one of them was changed.
   */
  get length(): number {
    const parts = [...Object.values(this.xDict), ...Object.values(this.yDict)];
    const known = this.#measured;
    const isSame = known?.parts.length === parts.length && known.parts.every((part, i) => part === parts[i]);
    if (known !== null && isSame) return known.length;
    const length = commonLength(this.xDict, this.yDict);
    // The length of an array or of what an object holds may change.
    const isFixed = parts.every((part) => part instanceof Tensor || part instanceof RaggedField);
    this.#measured = isFixed ? { parts, length } : null;
    return length;
  }

  /** The names of the labels. */
  get labelNames(): string[] {
    return Object.keys(this.yDict);
  }

  /** The features and the labels of one example: elements, and views of tensors without their leading dimension. */
  get(i: number): Example {
    const length = this.length;
    if (!Number.isInteger(i) || i < 0 || i >= length) {
      throw expected(`${where}.get`, `an index from 0 to ${length - 1}`, "i", i);
    }
    const x: XDict = {};
    const y: YDict = {};
    for (const [name, field] of Object.entries(this.xDict)) x[name] = elementOf(field, i);
    for (const [name, label] of Object.entries(this.yDict)) y[name] = elementOf(label, i) as Tensor;
    return [x, y];
  }

  /**
   * Which examples a label has a value for, 1 or 0 each: those with an element other than -1. Counted once per tensor.
   * @throws TypeError for a label that the dataset does not have.
   */
  activeRows(labelName: string): Uint8Array {
    const label = this.yDict[labelName];
    if (label === undefined) throw expected(where, "a label of the dataset", "labelName", labelName);
    return activeRows(label);
  }

  /** Prints as in Python: `DictDataset(name=spam, X_keys=['text'], Y_keys=['task'])`. */
  toString(): string {
    const keys = (dict: object) =>
      `[${Object.keys(dict)
        .map((key) => `'${key}'`)
        .join(", ")}]`;
    return `${this.constructor.name}(name=${this.name}, X_keys=${keys(this.xDict)}, Y_keys=${keys(this.yDict)})`;
  }

  [inspect.custom](): string {
    return this.toString();
  }
}

function checkLabel(name: string, label: unknown): Tensor {
  if (label instanceof Tensor) return label;
  throw expected(
    where,
    "a torch.Tensor",
    `label ${JSON.stringify(name)}`,
    label,
    "Make one with torch.tensor(...)",
  );
}

/** The one length that all fields and labels have; 0 if there are none. */
function commonLength(xDict: Record<string, unknown>, yDict: Record<string, unknown>): number {
  let first: { title: string; length: number } | undefined;
  const check = (title: string, length: number) => {
    first ??= { title, length };
    if (length === first.length) return;
    throw new TypeError(
      `[${where}] expected ${first.length} examples for ${title}, as ${first.title} has, got ${length}. ` +
        "Give every field and label one entry per example",
    );
  };
  for (const [name, field] of Object.entries(xDict))
    visitLengths(name, field, (path, length) => check(`field ${JSON.stringify(path)}`, length));
  for (const [name, label] of Object.entries(yDict))
    visitLengths(name, label, (path, length) => check(`label ${JSON.stringify(path)}`, length));
  return first?.length ?? 0;
}
