import { expected } from "../../errors.ts";

// LibTorch's parser and compiler recurse, and end the process where they run out of stack. What torch.jit.save writes
// stays far below these bounds.
const most = { nesting: 400, indentation: 200, emptyLines: 200, definitions: 400 };

const codeBytes = 2 ** 23;

/**
 * Checks the code of a TorchScript file for what LibTorch would crash on or run while it loads. It must be in the form
 * in which `torch.jit.save` prints it: without comments, joined lines and other quotes than ".
 *
 * @param sources - the text of each record by its name: `code/__torch__/torch/nn/modules/linear.py`
 * @throws TypeError naming the record.
 */
export function checkCode(where: string, sources: ReadonlyMap<string, string>): void {
  let bytes = 0;
  for (const [name, source] of sources) {
    bytes += source.length;
    if (bytes > codeBytes) throw expected(where, `at most ${codeBytes} bytes of code`, "the file", bytes);
    checkWords(where, name, source);
    checkNesting(where, name, source);
  }
  checkDefinitions(where, sources);
}

const refusals = [
  [/\b__setstate__\b/, "__setstate__, which runs while the file is loaded"],
  [/\btorch\.classes\b/, "a class of C++"],
  [/\belif\b/, "elif, which torch.jit.save does not write"],
] as const;

function checkWords(where: string, name: string, source: string): void {
  for (const [pattern, what] of refusals) {
    if (pattern.test(source)) throw expected(where, "a plain program", name, what);
  }
}

const token = /"(?!"")(?:[^"\\\n]|\\.)*"|\w+|\n[ ]*|[ ]+|[^"'\\#\s]/y;

/**
 * Bounds how deep an expression can nest: the tokens since the last comma, in all brackets that are open. Also for the
 * text of a type.
 */
export function checkNesting(where: string, name: string, source: string): void {
  const refuse = (what: string) => expected(where, "code as torch.jit.save writes it", name, what);
  const counts = [0];
  let depth = 0;
  let emptyLines = 0;
  token.lastIndex = 0;
  for (let position = 0; position < source.length; position = token.lastIndex) {
    token.lastIndex = position;
    const [found = ""] = token.exec(source) ?? [];
    if (found === "") throw refuse(source.slice(position, position + 10));
    if (found.startsWith(" ")) continue;
    if (found.startsWith("\n")) {
      if (found.length > most.indentation) throw refuse(`an indentation of ${found.length - 1}`);
      emptyLines++;
      if (emptyLines > most.emptyLines) throw refuse(`${emptyLines} empty lines`);
      if (counts.length > 1) continue;
      depth = 0;
      counts[0] = 0;
      continue;
    }
    emptyLines = 0;
    if (found === ",") {
      depth -= counts.at(-1) ?? 0;
      counts[counts.length - 1] = 0;
      continue;
    }
    depth++;
    counts[counts.length - 1] = (counts.at(-1) ?? 0) + 1;
    if (depth > most.nesting) throw refuse(`an expression of more than ${most.nesting} parts`);
    if ("([{".includes(found)) counts.push(0);
    else if (")]}".includes(found) && counts.length > 1) depth -= counts.pop() ?? 0;
  }
}

/** A class, or a function outside of one. */
interface Definition {
  functions: number;
  /** The full names in it. */
  uses: Set<string>;
}

/** Bounds how many functions can call each other in a row: one is compiled when another asks for it. */
function checkDefinitions(where: string, sources: ReadonlyMap<string, string>): void {
  const definitions = readDefinitions(sources);
  const reaches = new Map<string, number>();
  const visit = (name: string, above: number): number => {
    const { functions, uses } = definitions.get(name) as Definition;
    const known = reaches.get(name);
    if (above + (known ?? functions) > most.definitions) {
      throw expected(
        where,
        `functions that call at most ${most.definitions} others in a row`,
        "the code",
        name,
      );
    }
    if (known !== undefined) return known;
    // For those that use each other.
    reaches.set(name, 0);
    let deepest = 0;
    for (const used of uses) {
      if (definitions.has(used)) deepest = Math.max(deepest, visit(used, above + functions));
    }
    reaches.set(name, functions + deepest);
    return functions + deepest;
  };
  for (const name of definitions.keys()) visit(name, 0);
}

function readDefinitions(sources: ReadonlyMap<string, string>): Map<string, Definition> {
  const definitions = new Map<string, Definition>();
  for (const [record, source] of sources) {
    const module = record
      .replace(/^code\//, "")
      .replace(/\.py$/, "")
      .replaceAll("/", ".");
    let current: Definition | undefined;
    for (const line of source.split("\n")) {
      const [, name] = /^(?:class|def) (\w+)/.exec(line) ?? [];
      if (name !== undefined) {
        current = { functions: 1, uses: new Set() };
        definitions.set(`${module}.${name}`, current);
      }
      if (/^ +def /.test(line) && current !== undefined) current.functions++;
      for (const used of line.match(/__torch__(?:\.\w+)+/g) ?? []) current?.uses.add(used);
    }
  }
  return definitions;
}
