// Draws a committed result, and writes its tables where it is described.
//
//   npm run bench:chart -- [bench/results/cpu.json]
import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { drawRatios } from "./draw.ts";
import type { Report } from "./report.ts";
import { formatReport, formatSummary } from "./table.ts";

const root = resolve(import.meta.dirname, "..");
const file = process.argv[2] ?? join(import.meta.dirname, "results", "cpu.json");
const report = JSON.parse(readFileSync(file, "utf8")) as Report;

writeFileSync(join(root, "docs/benchmark.svg"), await drawRatios(report));
writeTables("docs/benchmark.md", formatReport(report));
writeTables("README.md", formatSummary(report));

/** Puts tables between the marks of a page. */
function writeTables(page: string, tables: string): void {
  const path = join(root, page);
  const marks = /(<!-- tables -->\n).*(<!-- end of tables -->)/s;
  const text = readFileSync(path, "utf8");
  if (!marks.test(text))
    throw new Error(`[chart] expected ${page} to say where its tables are, found no marks`);
  writeFileSync(
    path,
    text.replace(marks, (_, before: string, after: string) => `${before}${tables}\n${after}`),
  );
}
