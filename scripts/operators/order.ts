import type { Argument, Schema, Type } from "./schema.ts";

/**
 * The order in which overloads are tried: that of PyTorch's own Python bindings (sort_overloads of gen_python_functions.py),
 * by text, but a form that takes a Tensor before one that takes a number in its place, and an integer before a list.
 */
export function sortOverloads(overloads: readonly Schema[]): Schema[] {
  const waiting = overloads.toSorted((a, b) => (a.text < b.text ? -1 : 1));
  const sorted: Schema[] = [];
  while (waiting.length > 0) {
    const next = waiting.findIndex((schema) => !waiting.some((other) => goesAfter(schema, other)));
    sorted.push(...waiting.splice(Math.max(next, 0), 1));
  }
  return sorted;
}

function goesAfter(a: Schema, b: Schema): boolean {
  const pairs = a.arguments.map((argument, i): [Argument, Argument | undefined] => [
    argument,
    b.arguments[i],
  ]);
  if (a === b || a.arguments.length !== b.arguments.length) return false;
  const alike = pairs.every(
    ([x, y]) => y !== undefined && (isSame(x.type, y.type) || isLesser(x.type, y.type)),
  );
  return alike && pairs.some(([x, y]) => y !== undefined && !isSame(x.type, y.type));
}

const isInteger = (type: Type) => type.base === "int" || type.base === "SymInt";

function isSame(a: Type, b: Type): boolean {
  return a.base === b.base && a.isList === b.isList && a.isOptional === b.isOptional;
}

function isLesser(a: Type, b: Type): boolean {
  if (a.base === "Scalar" && !a.isList)
    return b.base === "Tensor" && !b.isList && a.isOptional === b.isOptional;
  if (isInteger(a) && a.isList) return isInteger(b) && !b.isList;
  if (isInteger(a)) return b.base === "Tensor" && !b.isList && !a.isOptional;
  return a.base === "Tensor" && a.isList && b.isList && b.base !== "Tensor";
}
