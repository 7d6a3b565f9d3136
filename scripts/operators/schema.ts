/** An operator of ATen as native_functions.yaml declares it. */
export interface Schema {
  /** "add_", "linalg_norm". */
  name: string;
  /** "aten::add_.Tensor" without the namespace: what the dispatcher calls it. */
  fullName: string;
  /** The declaration itself. */
  text: string;
  arguments: Argument[];
  returns: Return[];
  variants: readonly string[];
  /** "nn", "linalg", ...; undefined for torch itself. */
  module: string | undefined;
  tags: readonly string[];
}

export interface Type {
  /** "Tensor", "SymInt", "ScalarType", ... */
  base: string;
  isOptional: boolean;
  isList: boolean;
  /** int[2]: one value stands for two. */
  size: number | null;
  hasOptionalElements: boolean;
  isWritten: boolean;
}

export interface Argument {
  /** camelCase */
  name: string;
  type: Type;
  hasDefault: boolean;
  isKeyword: boolean;
}

export interface Return {
  name: string | null;
  type: Type;
}

/** An entry of native_functions.yaml; only what is used here. */
export interface Declaration {
  func: string;
  variants?: string;
  python_module?: string;
  tags?: string | string[];
}

/** "index_select" -> "indexSelect"; a trailing underscore stays. The same rule as CamelCase in native/torch/schema.cc. */
export function camelCase(name: string): string {
  return name.replace(/(?<=.)_([^_])/g, (_, letter: string) => letter.toUpperCase());
}

export function readSchema(declaration: Declaration): Schema {
  const match = /^([\w]+)(?:\.(\w+))?\((.*)\) -> (.*)$/.exec(declaration.func);
  if (match === null) throw new Error(`[generate] cannot read the schema ${declaration.func}`);
  const [, name = "", overload, args = "", returns = ""] = match;
  const declared = splitTopLevel(args);
  const star = declared.indexOf("*");
  return {
    name,
    fullName: overload === undefined ? name : `${name}.${overload}`,
    text: declaration.func,
    arguments: declared
      .map((text, position) => ({ text, isKeyword: star >= 0 && position > star }))
      .filter(({ text }) => text !== "*")
      .map(({ text, isKeyword }) => readArgument(text, isKeyword)),
    returns: splitTopLevel(returns.replace(/^\((.*)\)$/, "$1")).map(readReturn),
    variants: (declaration.variants ?? "function").split(",").map((variant) => variant.trim()),
    module: declaration.python_module,
    tags: [declaration.tags ?? []].flat(),
  };
}

function readArgument(text: string, isKeyword: boolean): Argument {
  const match = /^(\S+(?: -> \S+)?) (\w+)(=.*)?$/.exec(text);
  if (match === null) throw new Error(`[generate] cannot read the argument ${text}`);
  const [, type = "", name = "", defaultValue] = match;
  return { name: camelCase(name), type: readType(type), hasDefault: defaultValue !== undefined, isKeyword };
}

function readReturn(text: string): Return {
  const match = /^([^ ]+(?: -> [^ ]+)?)(?: (\w+))?$/.exec(text);
  if (match === null) throw new Error(`[generate] cannot read the result ${text}`);
  return { type: readType(match[1] ?? ""), name: match[2] === undefined ? null : camelCase(match[2]) };
}

function readType(text: string): Type {
  const match = /^(\w+)(\([^)]*\))?(\?)?(\[(\d*)\])?(\?)?$/.exec(text);
  if (match === null) throw new Error(`[generate] cannot read the type ${text}`);
  const [, base = "", alias = "", optional, list, size = "", optionalList] = match;
  return {
    base,
    isList: list !== undefined,
    isOptional: list === undefined ? optional !== undefined : optionalList !== undefined,
    hasOptionalElements: list !== undefined && optional !== undefined,
    size: size === "" ? null : Number(size),
    isWritten: alias.includes("!"),
  };
}

/** Splits at the commas that are in no brackets and no quotes. */
function splitTopLevel(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let quote = "";
  let start = 0;
  for (let i = 0; i <= text.length; i++) {
    const letter = text[i] ?? ",";
    if (quote !== "") quote = letter === quote ? "" : quote;
    else if (letter === '"' || letter === "'") quote = letter;
    else if ("([".includes(letter)) depth++;
    else if (")]".includes(letter)) depth--;
    else if (letter === "," && depth === 0) {
      if (i > start) parts.push(text.slice(start, i).trim());
      start = i + 1;
    }
  }
  return parts;
}
