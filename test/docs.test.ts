import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { after, test } from "node:test";

const root = resolve(import.meta.dirname, "..");
const pages = ["README.md", ...readdirSync(join(root, "docs")).map((name) => join("docs", name))].filter(
  (name) => name.endsWith(".md"),
);
// Inside the package, so that "snorkel-torch" resolves to it; away from the sources, so that nothing else does.
const folder = mkdtempSync(join(root, "build", "docs-"));
after(() => rmSync(folder, { recursive: true }));

interface Block {
  language: string;
  text: string;
  line: number;
}

function blocksOf(page: string): Block[] {
  const text = readFileSync(join(root, page), "utf8");
  return [...text.matchAll(/^```(\w*)\n(.*?)^```$/gms)].map((match) => ({
    language: match[1] ?? "",
    text: match[2] ?? "",
    line: text.slice(0, match.index).split("\n").length,
  }));
}

const scripts: Record<string, string> = JSON.parse(readFileSync(join(root, "package.json"), "utf8")).scripts;

for (const page of pages) {
  for (const { language, text, line } of blocksOf(page)) {
    const name = `the block at ${page}:${line}`;
    if (language === "ts") {
      test(`${name} runs as a program`, () => {
        const file = join(folder, `${page.replaceAll(/\W/g, "-")}-${line}.ts`);
        writeFileSync(file, text);
        const run = spawnSync(process.execPath, ["--import", "tsx", file], { cwd: folder, encoding: "utf8" });
        assert.equal(run.status, 0, run.stderr);
      });
    } else if (language === "sh") {
      test(`${name} names scripts that exist`, () => {
        for (const [, script] of text.matchAll(/npm (?:run )?(?:-s )?([\w:]+)/g)) {
          const builtIn = ["ci", "install"].includes(script ?? "");
          assert.ok(builtIn || scripts[script ?? ""], `there is no script "${script}"`);
        }
      });
    } else {
      test(`${name} is of a kind that is tested`, () =>
        assert.ok(["text", "json"].includes(language), language));
    }
  }

  test(`the links of ${page} lead somewhere`, () => {
    const text = readFileSync(join(root, page), "utf8");
    for (const [, target] of text.matchAll(/\]\((?!https?:|#)([^)#]+)/g)) {
      const path = resolve(root, page, "..", target ?? "");
      assert.doesNotThrow(() => readdirSync(resolve(path, "..")), `${target}`);
      assert.ok(
        readdirSync(resolve(path, "..")).includes(path.split("/").at(-1) ?? ""),
        `${target} does not exist`,
      );
    }
  });
}
