import type { Argument, Return, Schema, Type } from "./schema.ts";

/** One way to call an operator, as TypeScript sees it. */
interface Form {
  parameters: Parameter[];
  result: string;
}

interface Parameter {
  name: string;
  type: string;
  isOptional: boolean;
  isKeyword: boolean;
}

const baseTypes: Readonly<Record<string, string>> = {
  Tensor: "Tensor",
  int: "Integer",
  SymInt: "Integer",
  float: "number",
  bool: "boolean",
  Scalar: "Scalar",
  str: "string",
  ScalarType: "Dtype",
  MemoryFormat: "MemoryFormat",
  Device: "string",
  Generator: "Generator",
};

/** Names that TypeScript does not allow for parameters. */
const reservedParameters = new Set(["var", "in", "with", "function", "default", "new", "delete", "else"]);

/**
 * The call signatures of an operator, `(other: Tensor | Scalar, options?: { alpha?: Scalar }): Tensor`, in the order in
 * which TypeScript should try them. For a method, the argument self is left out.
 */
export function callSignatures(overloads: readonly Schema[], kind: "function" | "method"): string[] {
  const forms = merge(overloads.map((schema) => formOf(schema, kind)));
  return [...new Set(forms.flatMap((form) => signaturesOf(form, kind)))];
}

function formOf(schema: Schema, kind: "function" | "method"): Form {
  const parameters = schema.arguments
    .filter((argument) => argument.name !== "layout" && !(kind === "method" && argument.name === "self"))
    .map(parameterOf);
  if (schema.arguments.some((argument) => argument.name === "pinMemory")) {
    parameters.push({ name: "requiresGrad", type: "boolean", isOptional: true, isKeyword: true });
  }
  return { parameters, result: resultOf(schema, kind) };
}

function parameterOf(argument: Argument): Parameter {
  return {
    name: argument.name,
    type: typeOf(argument.type),
    isOptional: argument.hasDefault,
    isKeyword: argument.isKeyword,
  };
}

function typeOf(type: Type): string {
  const base = baseTypes[type.base];
  if (base === undefined) throw new Error(`[generate] no TypeScript type for ${type.base}`);
  const element = type.hasOptionalElements ? `(${base} | null)` : base;
  const list = type.size === null ? `readonly ${element}[]` : `${base} | readonly ${element}[]`;
  return `${type.isList ? list : base}${type.isOptional ? " | null" : ""}`;
}

function resultOf(schema: Schema, kind: "function" | "method"): string {
  if (schema.returns.length === 0) return "void";
  if (schema.returns.length > 1) {
    const isNamed = schema.returns.every(({ name }) => name !== null);
    return `[${schema.returns.map((result) => (isNamed ? `${result.name}: ` : "") + resultType(result)).join(", ")}]`;
  }
  const [result] = schema.returns;
  if (result?.type.isWritten && kind === "method") return "this";
  return result === undefined ? "void" : resultType(result);
}

function resultType({ type }: Return): string {
  const base = type.base === "int" || type.base === "SymInt" ? "number" : typeOf({ ...type, isList: false });
  return type.isList ? `${base}[]` : base;
}

/** Folds forms that differ in the type of one parameter, or in a generator that one of them demands. */
function merge(forms: readonly Form[]): Form[] {
  const merged: Form[] = [];
  for (const form of forms) {
    const partner = merged.findIndex((other) => mergeTwo(other, form) !== null);
    const both = merged[partner] && mergeTwo(merged[partner], form);
    if (both) merged[partner] = both;
    else merged.push(form);
  }
  return merged;
}

function mergeTwo(a: Form, b: Form): Form | null {
  if (a.result !== b.result) return null;
  const withGenerator = absorbGenerator(a, b) ?? absorbGenerator(b, a);
  if (withGenerator !== null) return withGenerator;
  if (a.parameters.length !== b.parameters.length) return null;
  let differences = 0;
  const parameters: Parameter[] = [];
  for (const [i, x] of a.parameters.entries()) {
    const y = b.parameters[i];
    if (y === undefined || x.name !== y.name || x.isOptional !== y.isOptional) return null;
    if (x.type !== y.type) differences++;
    const types = new Set([x, y].flatMap((parameter) => parameter.type.split(" | ")));
    parameters.push({ ...x, type: [...types].join(" | "), isKeyword: x.isKeyword || y.isKeyword });
  }
  return differences <= 1 ? { parameters, result: a.result } : null;
}

function absorbGenerator(a: Form, b: Form): Form | null {
  const extra = b.parameters.filter((y) => !a.parameters.some((x) => x.name === y.name));
  const [generator] = extra;
  if (extra.length !== 1 || generator?.name !== "generator") return null;
  const rest = b.parameters.filter((parameter) => parameter !== generator);
  if (JSON.stringify(rest) !== JSON.stringify(a.parameters)) return null;
  return { ...b, parameters: b.parameters.map((p) => (p === generator ? { ...p, isOptional: true } : p)) };
}

/** An optional argument may be given by position or by name: one signature for each number of them given by position. */
function signaturesOf(form: Form, kind: "function" | "method"): string[] {
  const positional = form.parameters.filter((parameter) => !parameter.isKeyword);
  const keywords = form.parameters.filter((parameter) => parameter.isKeyword);
  const required = positional.filter((parameter) => !parameter.isOptional);
  const optional = positional.filter((parameter) => parameter.isOptional);
  const signatures: string[] = [];
  for (let given = 0; given < optional.length; given++) {
    const options = [...optional.slice(given), ...keywords];
    const mustHave = given > 0 || options.some((parameter) => !parameter.isOptional);
    const before = [...required, ...optional.slice(0, given)].map((p) => declare(p, false));
    signatures.push(`(${[...before, optionsOf(options, mustHave)].join(", ")}): ${form.result}`);
  }
  const mustHave = keywords.some((parameter) => !parameter.isOptional);
  const all = [...required.map((p) => declare(p, false)), ...optional.map((p) => declare(p, !mustHave))];
  const options = keywords.length === 0 ? [] : [optionsOf(keywords, mustHave)];
  signatures.push(`(${[...all, ...options].join(", ")}): ${form.result}`);
  const [only] = positional;
  const isList = positional.length === 1 && only?.type === "readonly Integer[]";
  if (kind === "method" && isList) signatures.push(`(...${only.name}: Integer[]): ${form.result}`);
  return signatures;
}

function declare(parameter: Parameter, isOptional: boolean): string {
  const name = reservedParameters.has(parameter.name) ? `${parameter.name}_` : parameter.name;
  return `${name}${isOptional ? "?" : ""}: ${parameter.type}`;
}

function optionsOf(parameters: readonly Parameter[], isRequired: boolean): string {
  const fields = parameters.map(({ name, type, isOptional }) => `${name}${isOptional ? "?" : ""}: ${type}`);
  return `options${isRequired ? "" : "?"}: { ${fields.join("; ")} }`;
}
