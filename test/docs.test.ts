import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { pathToFileURL } from "node:url";
import { pages, programsOf, readPage, root } from "./markdown.ts";

// Inside the package, so that "snorkel-torch" resolves to it; away from the sources, so that nothing else does.
const folder = mkdtempSync(join(root, "build", "docs-"));
const programs = pages.flatMap((page) =>
  programsOf(readPage(page).blocks, "ts").map(({ text, line }) => {
    const name = `${page}:${line}`;
    return { name, file: join(folder, `${name.replaceAll(/\W/g, "-")}.ts`), text };
  }),
);
const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));

before(() => {
  for (const { file, text } of programs) writeFileSync(file, text);
  process.chdir(folder);
});
after(() => {
  process.chdir(root);
  rmSync(folder, { recursive: true });
});

describe("the program at", () => {
  // All in this process: to start one for each of them, with LibTorch, takes longer than the programs.
  for (const { name, file } of programs) {
    it(`${name} runs`, async (test) => {
      for (const method of ["log", "table"] as const) test.mock.method(console, method, () => {});
      await import(pathToFileURL(file).href);
    });
  }
});

it("the programs have the right types", () => {
  // As strict as most programs are.
  const compilerOptions = { noUncheckedIndexedAccess: false };
  const configuration = { extends: join(root, "tsconfig.json"), compilerOptions, include: ["*.ts"] };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(configuration));
  const compiler = join(root, "node_modules/typescript/bin/tsc");
  const { status, stdout } = spawnSync(process.execPath, [compiler, "-p", folder], { encoding: "utf8" });
  assert.equal(status, 0, stdout);
});

describe("the block at", () => {
  for (const page of pages) {
    for (const { language, text, line } of readPage(page).blocks) {
      if (language === "ts") continue;
      it(`${page}:${line} is of a kind that is known, and names scripts that exist`, () => {
        const known = ["", "sh", "text", "json", "python"];
        assert.ok(known.includes(language), `${language} is none of ${known.join(", ")}`);
        if (language === "" || language === "sh") checkCommands(text);
      });
    }
  }
});

it("every page is in the table of contents, in the order of the site", () => {
  const contents = "docs/README.md";
  const linked = readPage(contents).links.map(({ target }) => join("docs", target));
  const { projectDocuments } = JSON.parse(readFileSync(join(root, "typedoc.json"), "utf8"));
  assert.deepEqual(projectDocuments, [contents, ...linked]);
  const guides = pages.filter((page) => page.startsWith("docs/"));
  assert.deepEqual(
    guides.filter((page) => !projectDocuments.includes(page)),
    [],
  );
});

function checkCommands(text: string): void {
  const builtIn = ["ci", "install", "pack"];
  const commands = text.replaceAll(/#.*$/gm, "");
  assert.doesNotMatch(commands, /^(import|const|new|await) /m, "a program stands between fences, as ts");
  for (const [, name = ""] of commands.matchAll(/npm (?:run )?(?:-s )?([\w:]+)/g))
    assert.ok(builtIn.includes(name) || scripts[name] !== undefined, `there is no script "${name}"`);
  for (const [path] of commands.matchAll(/(?<![\w/])(?:scripts|bench|examples)\/[\w./-]+/g))
    assert.ok(existsSync(join(root, path)), `there is no ${path}`);
}
