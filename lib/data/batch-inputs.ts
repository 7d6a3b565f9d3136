import { isPlainObject } from "../options.ts";
import type { InputSource } from "../torch/engine/training-thread.ts";
import { Tensor } from "../torch/tensor.ts";
import { activeRows } from "./active-rows.ts";
import type { DictDataset } from "./dict-dataset.ts";
import type { Field } from "./field.ts";
import { holdsTensor } from "./nested.ts";
import { longestOf, widthOf } from "./pad.ts";
import { RaggedField } from "./ragged.ts";
import type { XDict, YDict } from "./types.ts";

/** One tensor of a batch: where it is found, `x.tokens`, and itself. */
export type BatchInput = readonly [path: string, tensor: Tensor];

/**
 * The tensors of a batch in the order of their paths: all of its features and the named labels.
 * @returns the path of a value that is no tensor instead, if there is one: of such a batch no program can be made
 */
export function batchInputs(xDict: XDict, yDict: YDict, labels: Iterable<string>): BatchInput[] | string {
  const found: BatchInput[] = [];
  const visit = (path: string, value: unknown): string | null => {
    if (value instanceof Tensor) {
      found.push([path, value]);
      return null;
    }
    if (!holdsTensor(value)) return path;
    for (const [key, element] of Object.entries(value as object)) {
      const odd = visit(`${path}.${key}`, element);
      if (odd !== null) return odd;
    }
    return null;
  };
  for (const [name, field] of Object.entries(xDict)) {
    const odd = visit(`x.${name}`, field);
    if (odd !== null) return odd;
  }
  for (const name of labels) found.push([`y.${name}`, yDict[name] as Tensor]);
  return found.sort(byPath);
}

/** Where the tensors of a gathered batch come from, in the order of {@link batchInputs}. */
export class DatasetInputs {
  readonly sources: readonly InputSource[];
  /** The dtypes and shapes of the sources, which those of a batch follow from. */
  readonly signature: string;
  readonly #ragged: readonly RaggedField[];
  readonly #labels: readonly { name: string; active: Uint8Array | null }[];

  private constructor(dataset: DictDataset, sources: readonly SourceAt[], labels: readonly string[]) {
    this.sources = sources.map(([, source]) => source);
    this.signature = sources.map(([path, source]) => `${path} ${describe(source)}`).join(", ");
    this.#ragged = [...new Set(sources.flatMap(([, , field]) => (field ? [field] : [])))];
    this.#labels = labels.map((name) => {
      const active = activeRows(dataset.yDict[name] as Tensor);
      return { name, active: active.includes(0) ? active : null };
    });
  }

  /** @returns the path of a field that holds something other than tensors instead, if there is one */
  static of(dataset: DictDataset, labels: readonly string[]): DatasetInputs | string {
    const sources: SourceAt[] = [];
    for (const [name, field] of Object.entries(dataset.xDict)) {
      const odd = addSources(sources, `x.${name}`, field);
      if (odd !== null) return odd;
    }
    for (const name of labels) addSources(sources, `y.${name}`, dataset.yDict[name] as Tensor);
    return new DatasetInputs(dataset, sources.sort(byPath), labels);
  }

  /** The widths to which the ragged fields of a batch are padded. */
  widths(indices: Int32Array): number[] {
    return this.#ragged.map(({ offsets, padding }) =>
      widthOf(longestOf(offsets, indices, padding.maxLen), padding),
    );
  }

  /** How many rows of a batch each label is there for. */
  activeCounts(indices: Int32Array): number[] {
    return this.#labels.map(({ active }) => {
      if (active === null) return indices.length;
      let count = 0;
      for (let i = 0; i < indices.length; i++) count += active[indices[i] as number] as number;
      return count;
    });
  }
}

type SourceAt = readonly [path: string, source: InputSource, field: RaggedField | null];

function addSources(sources: SourceAt[], path: string, field: Field): string | null {
  if (field instanceof Tensor) sources.push([path, { kind: "rows", tensor: field }, null]);
  else if (field instanceof RaggedField) sources.push(...raggedSources(path, field));
  else if (!isPlainObject(field)) return path;
  else {
    for (const [key, inner] of Object.entries(field)) {
      const odd = addSources(sources, `${path}.${key}`, inner as Field);
      if (odd !== null) return odd;
    }
  }
  return null;
}

function raggedSources(path: string, field: RaggedField): SourceAt[] {
  const { values, offsets, padding } = field;
  const source = (what: "values" | "mask" | "lengths"): InputSource => {
    const { padValue, leftPadded, maxLen } = padding;
    return { kind: "ragged", values, offsets, padValue, leftPadded, maxLen, what };
  };
  const found: SourceAt[] = [[path, source("values"), field]];
  if (padding.mask) found.push([`${path}_mask`, source("mask"), field]);
  if (padding.lengths) found.push([`${path}_lengths`, source("lengths"), field]);
  return found;
}

function describe(source: InputSource): string {
  const { dtype, shape } = source.kind === "rows" ? source.tensor : source.values;
  return source.kind === "rows" ? `${dtype} [${shape.slice(1)}]` : `${dtype} ${source.what}`;
}

function byPath(a: readonly [string, ...unknown[]], b: readonly [string, ...unknown[]]): number {
  return a[0] < b[0] ? -1 : 1;
}
