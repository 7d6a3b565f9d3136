import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { test } from "node:test";
import { createProgram } from "../../lib/cli/main.ts";

const root = resolve(import.meta.dirname, "../..");
const program = createProgram();

function filesIn(folder: string, ending: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(ending))
    .map((name) => join(folder, name));
}

test("each command that a page or a message names is one, with options that it has", () => {
  let count = 0;
  for (const file of ["README.md", ...filesIn("docs", ".md"), ...filesIn("lib", ".ts")]) {
    const text = readFileSync(join(root, file), "utf8");
    for (const [whole, name, rest = ""] of text.matchAll(/npx snorkel-torch ([a-z]\w*)([^`"\n]*)/g)) {
      const command = program.commands.find((known) => known.name() === name);
      assert.ok(command, `${file}: ${whole}`);
      for (const [option] of rest.matchAll(/(?<= )--[\w-]+/g)) {
        assert.ok(
          command.options.some(({ long }) => long === option),
          `${file}: ${whole}`,
        );
      }
      count += 1;
    }
  }
  assert.ok(count > 20);
});
