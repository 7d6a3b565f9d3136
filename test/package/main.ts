// Installs the package as a user does, in many ways, and trains with it.
//
//   npm run test:package -- [--keep] [--no-prebuild] [--tools DIR] [file...]
//
//   --keep          leave the folder with all projects where it is
//   --no-prebuild   take what is in prebuilds/
//   --tools         a folder for package managers, Node.js releases and compilers, which is kept and used again
import { execFileSync, spawnSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import ts from "typescript";
import { type LibTorch, resolveLibTorch } from "../../lib/libtorch/index.ts";
import { install } from "./managers.ts";
import { makeProject, programs, runNode } from "./project.ts";
import { installTools } from "./tools.ts";
import { readMatrix, type Workplace, workplaceEnvironment } from "./workplace.ts";

const root = resolve(import.meta.dirname, "../..");
const { values: options, positionals: named } = parseArgs({
  allowPositionals: true,
  options: {
    keep: { type: "boolean", default: false },
    "no-prebuild": { type: "boolean", default: false },
    tools: { type: "string" },
  },
});
process.chdir(root);
const parent = mkdtempSync(join(tmpdir(), "snorkel-torch-package-"));
try {
  const workplace = await prepare(parent);
  process.exitCode = runTests(workplace);
  const matrix = readMatrix(workplace);
  console.table(matrix);
  console.log(
    `[test-package] ${matrix.length} ways work; ${process.exitCode === 0 ? "none fails" : "SOME FAIL"}`,
  );
} finally {
  if (options.keep) console.log(`[test-package] everything is in ${parent}`);
  else rmSync(parent, { recursive: true, force: true });
}

async function prepare(folder: string): Promise<Workplace> {
  say("the package");
  if (!options["no-prebuild"]) script("scripts/prebuild.mjs");
  script("node_modules/typescript/bin/tsc", "-p", "tsconfig.build.json");
  script("scripts/check-package.mjs");
  const packed = execFileSync("npm", ["pack", "--ignore-scripts", "--silent", "--pack-destination", folder], {
    encoding: "utf8",
    shell: process.platform === "win32",
  });
  say("package managers, Node.js releases, compilers");
  const workplace: Workplace = {
    folder,
    tarball: join(folder, packed.trim()),
    tools: resolve(options.tools ?? join(folder, "tools")),
    cache: join(folder, "cache"),
    shared: join(folder, "shared"),
    trained: "",
  };
  if (!existsSync(workplace.tools)) installTools(workplace.tools);
  say("LibTorch");
  copyLibTorch(resolveLibTorch(), workplace.cache);
  writePrograms(join(folder, "programs"));
  mkdirSync(join(folder, "home"));
  say("a first project");
  makeProject(workplace, workplace.shared);
  await install(workplace, workplace.shared, "npm");
  const { status, stdout, stderr } = await runNode(workplace, workplace.shared, [programs.esm]);
  if (status !== 0) throw new Error(`[test-package] expected a first training to work, got ${stderr}`);
  console.log(stdout.trim());
  return { ...workplace, trained: stdout };
}

function say(line: string): void {
  console.log(`[test-package] ${line}`);
}

function script(...command: string[]): void {
  execFileSync(process.execPath, command, { stdio: "inherit" });
}

/** As links where the file system allows, because it is large: no test may write to it. Unlike a home folder all can read it. */
function copyLibTorch({ folder, version, flavour }: LibTorch, cache: string): void {
  const target = join(cache, `libtorch-${version}-${flavour}`);
  mkdirSync(target, { recursive: true });
  for (const source of [folder, join(folder, "..", "torch.libs")].filter((path) => existsSync(path))) {
    const linked = spawnSync("cp", ["-aL", "--link", source, target]).status === 0;
    if (!linked) cpSync(source, join(target, basename(source)), { recursive: true });
  }
}

/** The training as JavaScript, with `import` and with `require`. */
function writePrograms(folder: string): void {
  mkdirSync(folder, { recursive: true });
  const source = readFileSync(join(import.meta.dirname, "programs", "train.ts"), "utf8");
  const kinds = { [programs.esm]: ts.ModuleKind.ESNext, [programs.cjs]: ts.ModuleKind.CommonJS };
  for (const [file, module] of Object.entries(kinds)) {
    const { outputText } = ts.transpileModule(source, {
      compilerOptions: { module, target: ts.ScriptTarget.ES2022 },
    });
    writeFileSync(join(folder, file), outputText);
  }
}

function runTests(workplace: Workplace): number {
  const found = readdirSync("test/package").filter((name) => name.endsWith(".test.ts"));
  const files = named.length > 0 ? named : found.map((name) => join("test/package", name));
  const node = ["--import", "tsx", "--test", "--test-reporter=spec", "--test-concurrency=2"];
  const { status } = spawnSync(process.execPath, [...node, ...files], {
    stdio: "inherit",
    env: { ...process.env, ...workplaceEnvironment(workplace) },
  });
  return status ?? 1;
}
