import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { programsOf, readPage, root } from "../../../test/markdown.ts";
import { findPython } from "../python.ts";
import { relativeDifference } from "./compare.ts";

const page = "docs/from-snorkel.md";

/** A row of the table: whether the programs that the guide tells in both languages end with the same scores. */
export function checkGuide(): Record<string, string> {
  // Inside the package, so that "snorkel-torch" resolves to it.
  const folder = mkdtempSync(join(root, "build", "guide-"));
  try {
    const tsx = ["--import", import.meta.resolve("tsx")];
    const python = scoresOf(folder, "python", "import json\nprint(json.dumps(scores))\n", [findPython()]);
    const ours = scoresOf(folder, "ts", "console.log(JSON.stringify(scores));\n", [process.execPath, ...tsx]);
    const isSame = Object.keys(ours).length > 0 && relativeDifference(ours, python) === 0;
    return { case: `${page} (scores)`, verdict: isSame ? "same" : "scores differ" };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Runs the first program of a language, and reads its scores off the last line that it prints. */
function scoresOf(
  folder: string,
  language: string,
  print: string,
  command: string[],
): Record<string, number> {
  const [program] = programsOf(readPage(page).blocks, language);
  if (program === undefined)
    throw new Error(`[parity] expected a program in ${language} in ${page}, found none`);
  const file = join(folder, `guide.${language}`);
  writeFileSync(file, program.text + print);
  const [executable = "", ...options] = command;
  const output = execFileSync(executable, [...options, file], {
    cwd: folder,
    encoding: "utf8",
    env: { ...process.env, OMP_NUM_THREADS: "1" },
    stdio: ["ignore", "pipe", "ignore"],
  });
  return JSON.parse(output.trim().split("\n").at(-1) ?? "");
}
