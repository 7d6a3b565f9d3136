import { formatFloat } from "../../format-float.ts";
import type { Tensor } from "../tensor.ts";

/** A boolean, null, a whole number or a list of such as Python prints them: `True`, `None`, `3`, `(3, 3)`. */
export function literal(value: number | boolean | null | readonly (number | null)[]): string {
  if (value === null) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (typeof value === "number") return String(value);
  const elements = value.map(literal);
  return elements.length === 1 ? `(${elements[0]},)` : `(${elements.join(", ")})`;
}

/** A number as Python prints it where a user writes whole numbers without a point: `2`, `2.5`, `1e-05`. */
export function numeral(value: number): string {
  return Number.isInteger(value) ? String(value) : formatFloat(value);
}

/** A listed parameter as Python prints it, under the name of its dtype or of its type. */
export function parameterLine(key: string, parameter: Tensor, type: string): string {
  const place = parameter.device.startsWith("cuda") ? ` (${parameter.device})` : "";
  return `  (${key}): Parameter containing: [${type} of size ${parameter.shape.join("x")}${place}]`;
}

/** `name=value` for each field, joined by commas. The values are texts already. */
export function fields(values: Record<string, string>): string {
  return Object.entries(values)
    .map(([name, value]) => `${name}=${value}`)
    .join(", ");
}

/**
 * What Python's `repr` gives for a module: its name, its own facts, its children, indented.
 * `children` are the names and printed texts of the children.
 */
export function printModule(
  name: string,
  extra: string,
  children: readonly (readonly [string, string])[],
): string {
  if (children.length === 0 && !extra.includes("\n")) return `${name}(${extra})`;
  const lines = extra === "" ? [] : extra.split("\n");
  for (const [key, text] of children) lines.push(`(${key}): ${indent(text)}`);
  return `${name}(\n  ${lines.join("\n  ")}\n)`;
}

function indent(text: string): string {
  return text.replaceAll("\n", "\n  ");
}

/** Neighbours that print alike become one line, `(0-2): 3 x ReLU()`, as in Python's ModuleList. */
export function foldRepeats(children: readonly (readonly [string, string])[]): (readonly [string, string])[] {
  const folded: (readonly [string, string])[] = [];
  for (let start = 0; start < children.length; ) {
    const [, text] = children[start] as readonly [string, string];
    let end = start;
    while (children[end + 1]?.[1] === text) end++;
    const count = end - start + 1;
    folded.push(count === 1 ? [`${start}`, text] : [`${start}-${end}`, `${count} x ${text}`]);
    start = end + 1;
  }
  return folded;
}

/** Entries under their names as Python writes them: `inProjWeight` is `in_proj_weight`. */
export function inSnakeCase<T>(entries: readonly [string, T][]): [string, T][] {
  return entries.map(([name, value]) => [
    name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
    value,
  ]);
}
