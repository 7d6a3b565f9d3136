// Lists the behaviours of Python Snorkel that no test names: tests are called `parity 37: ...` by the behaviour's number.
//
//   tsx scripts/parity/rows.ts
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";

/** How many behaviours of Snorkel are numbered. */
const rows = 70;

const root = resolve(import.meta.dirname, "../../test");
const named = new Set(
  readdirSync(root, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".test.ts"))
    .flatMap((path) => [...readFileSync(join(root, path), "utf8").matchAll(/["'`]parity ([\d, ]+):/g)])
    .flatMap(([, numbers]) => (numbers ?? "").split(",").map(Number)),
);
const unknown = [...named].filter((row) => !(row >= 1 && row <= rows));
const missing = Array.from({ length: rows }, (_, i) => i + 1).filter((row) => !named.has(row));
if (unknown.length > 0) console.log(`There are no behaviours of the numbers ${unknown.join(", ")}`);
if (missing.length > 0) console.log(`No test names the behaviours ${missing.join(", ")}`);
else console.log(`Each of the ${rows} behaviours has a test`);
process.exitCode = missing.length + unknown.length === 0 ? 0 : 1;
