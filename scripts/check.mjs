// Checks everything that does not need to run: types, lint and format in both languages, and the size of files.
//
//   node scripts/check.mjs [--write]     --write formats instead of complaining
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { answers, run, runNode } from "./run.mjs";

const maximumLines = 300;
const requirements = "scripts/requirements-check.txt";
const environment = ".venv-check";

const { values: options } = parseArgs({ options: { write: { type: "boolean", default: false } } });
process.chdir(resolve(import.meta.dirname, ".."));

const tracked = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], {
  encoding: "utf8",
});
const files = tracked.split("\n").filter((file) => file !== "" && existsSync(file) && !isGenerated(file));
const cpp = files.filter((file) => /\.(cc|h)$/.test(file));

const checks = {
  types: () => runNode("typescript/bin/tsc", ["-p", "tsconfig.json", "--noEmit"]),
  "lint and format of TypeScript": () =>
    runNode("@biomejs/biome/bin/biome", [
      "check",
      "--error-on-warnings",
      ...(options.write ? ["--write"] : []),
    ]),
  "format of C++": () =>
    run(
      tool("clang-format"),
      options.write ? ["-i", ...cpp] : ["--dry-run", "--Werror", "--ferror-limit=1", ...cpp],
      "clang-format",
    ),
  "lint of C++": () => run(tool("cpplint"), ["--quiet", ...cpp], "cpplint"),
  "size of files": checkSizes,
};

const failed = Object.entries(checks).filter(([name, check]) => !passes(name, check));
if (failed.length > 0) {
  console.error(`\n[check] failed: ${failed.map(([name]) => name).join(", ")}`);
  process.exitCode = 1;
}

function passes(name, check) {
  console.log(`[check] ${name}`);
  try {
    check();
    return true;
  } catch (error) {
    console.error(error.message);
    return false;
  }
}

function isGenerated(file) {
  return /(^|\/)generated\//.test(file);
}

function checkSizes() {
  const sources = files.filter((file) => /\.(ts|mjs|cc|h|py)$/.test(file));
  if (sources.length === 0) throw new Error("[check] expected source files, found none");
  const long = sources
    .map((file) => ({ file, lines: readFileSync(file, "utf8").split("\n").length - 1 }))
    .filter(({ lines }) => lines > maximumLines);
  if (long.length === 0) return;
  const listed = long.map(({ file, lines }) => `  ${file}: ${lines}`).join("\n");
  throw new Error(`[check] expected at most ${maximumLines} lines in a file, got more in:\n${listed}`);
}

/** The path of a tool of the pinned Python packages, which are installed on first use and when the pins change. */
function tool(name) {
  const pins = readFileSync(requirements, "utf8");
  const installed = join(environment, "installed.txt");
  const programs = join(environment, process.platform === "win32" ? "Scripts" : "bin");
  if (!existsSync(installed) || readFileSync(installed, "utf8") !== pins) {
    const python = ["python3", "python"].find(answers);
    if (python === undefined)
      throw new Error("[check] expected Python 3 for clang-format and cpplint, found none");
    console.log(`[check] installing ${pins.trim().split("\n").join(", ")} into ${environment}`);
    run(python, ["-m", "venv", "--clear", environment], `${python} -m venv`);
    run(join(programs, "python"), ["-m", "pip", "install", "--quiet", "-r", requirements], "pip install");
    writeFileSync(installed, pins);
  }
  return join(programs, name);
}
