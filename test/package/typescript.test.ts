import assert from "node:assert/strict";
import { copyFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { install } from "./managers.ts";
import { makeProject, runNode } from "./project.ts";
import { typescriptScript, typescriptVersions } from "./tools.ts";
import { findWorkplace, note } from "./workplace.ts";

const workplace = findWorkplace();
const project = makeProject(workplace, join(workplace.folder, "typescript"));
await install(workplace, project, "npm", ["@types/node@20"]);
const source = join(import.meta.dirname, "programs", "train.ts");
// The ending says which kind of module it is.
for (const file of ["train.ts", "train.mts", "train.cts"]) copyFileSync(source, join(project, file));
const wrong = 'import { Trainer } from "snorkel-torch";\nnew Trainer({ nEpochs: "5" });\n';
writeFileSync(join(project, "wrong.mts"), wrong);

/** What the compiler says of files; it checks the declarations of the package too. */
async function compile(version: string, files: string[], settings: object): Promise<string> {
  const compilerOptions = {
    target: "es2022",
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    skipLibCheck: false,
    noEmit: true,
    types: ["node"],
    ...settings,
  };
  const config = `tsconfig-${version}-${files.length}.json`;
  writeFileSync(join(project, config), JSON.stringify({ compilerOptions, files }));
  const script = [typescriptScript(workplace.tools, version), "-p", config];
  const { stdout, stderr } = await runNode(workplace, project, script);
  return stdout + stderr;
}

for (const version of typescriptVersions) {
  // Older ones do not know that Node.js can require an ECMAScript module.
  const knowsRequire = Number.parseFloat(version) >= 5.8;

  test(`TypeScript ${version} accepts a program and our declarations, and finds an error in another program`, async () => {
    const files = ["train.mts", "wrong.mts", ...(knowsRequire ? ["train.cts"] : [])];
    const errors = await compile(version, files, { module: "nodenext" });
    assert.match(
      errors,
      /^wrong\.mts\(2,15\): error TS2322: Type 'string' is not assignable to type 'number/,
    );
    assert.equal(errors.match(/error TS/g)?.length, 1, errors);
    for (const modules of knowsRequire ? ["esm", "cjs"] : ["esm"])
      note(workplace, { case: `TypeScript ${version}, module nodenext`, modules });
  });

  test(`TypeScript ${version} accepts a program that is bundled`, async () => {
    const settings = { module: "esnext", moduleResolution: "bundler" };
    assert.equal(await compile(version, ["train.ts"], settings), "");
    note(workplace, { case: `TypeScript ${version}, moduleResolution bundler` });
  });
}
