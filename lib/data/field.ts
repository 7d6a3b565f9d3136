import { expected } from "../errors.ts";
import { isPlainObject } from "../options.ts";
import { Tensor } from "../torch/tensor.ts";
import { joinValues } from "./collate.ts";
import { addField } from "./padding.ts";
import { RaggedField } from "./ragged.ts";
import type { XDict } from "./types.ts";

/**
 * All examples of one field, as a dataset holds them: a tensor or an array whose leading dimension is over examples, rows
 * of different lengths, or an object of such fields, which is an object in a batch too.
 */
export type Field = Tensor | RaggedField | readonly unknown[] | FieldRecord;

/** Fields that belong together, such as the nodes and the edges of graphs. */
export interface FieldRecord {
  [name: string]: Field;
}

/** The indices of a batch as a tensor on a device. */
export type IndexOn = (device: string) => Tensor;

const where = "DictDataset";

/**
 * A field of what the user gave: a list of one-dimensional rows becomes a {@link RaggedField}.
 * @throws TypeError for what is no field.
 */
export function toField(name: string, value: unknown): Field {
  if (value instanceof Tensor || value instanceof RaggedField) return value;
  if (Array.isArray(value)) return RaggedField.accepts(value) ? RaggedField.from(value) : value;
  if (!isPlainObject(value)) throw notAField(name, value);
  return mapEntries(value, (element, key) => toField(`${name}.${key}`, element));
}

/** One example's value: an element, or a view of a tensor without its leading dimension. */
export function elementOf(field: Field, i: number): unknown {
  if (field instanceof Tensor) return field.select(0, i);
  if (field instanceof RaggedField) return field.row(i);
  return isRecord(field) ? mapEntries(field, (inner) => elementOf(inner, i)) : field[i];
}

/** Puts the examples at the given positions into a batch: one gathering operator per tensor. */
export function gatherInto(
  xDict: XDict,
  name: string,
  field: Field,
  indices: Int32Array,
  indexOn: IndexOn,
): void {
  if (field instanceof RaggedField) field.addTo(xDict, name, indices);
  else if (field instanceof Tensor) addField(xDict, name, field.indexSelect(0, indexOn(field.device)));
  else if (!isRecord(field)) addField(xDict, name, joinValues(Array.from(indices, (i) => field[i])));
  else {
    const inner: XDict = {};
    for (const [key, value] of Object.entries(field)) gatherInto(inner, key, value, indices, indexOn);
    addField(xDict, name, inner);
  }
}

/** Calls a function with the number of examples of a field, or of each field inside it, and that field's full name. */
export function visitLengths(
  name: string,
  field: unknown,
  visit: (name: string, length: number) => void,
): void {
  if (Array.isArray(field) || field instanceof RaggedField) visit(name, field.length);
  else if (field instanceof Tensor) visit(name, examplesOf(name, field));
  else if (!isPlainObject(field)) throw notAField(name, field);
  else for (const [key, inner] of Object.entries(field)) visitLengths(`${name}.${key}`, inner, visit);
}

function examplesOf(name: string, field: Tensor): number {
  const [length] = field.shape;
  if (length !== undefined) return length;
  throw new TypeError(
    `[${where}] expected a tensor with a dimension of examples for ${JSON.stringify(name)}, got a Tensor of shape []`,
  );
}

function isRecord(field: Field): field is FieldRecord {
  return isPlainObject(field);
}

function mapEntries<In, Out>(
  record: Readonly<Record<string, In>>,
  map: (value: In, key: string) => Out,
): Record<string, Out> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value, key)]));
}

function notAField(name: string, value: unknown): TypeError {
  return expected(
    where,
    "a Tensor, a RaggedField, an array or an object of them",
    `field ${JSON.stringify(name)}`,
    value,
    "Make a tensor of a typed array with torch.tensor(...)",
  );
}
