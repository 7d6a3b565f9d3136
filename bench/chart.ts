// Draws a committed result, and writes its tables where it is described.
//
//   npm run bench:chart -- [bench/results/cpu.json]
import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { drawRatios } from "./draw.ts";
import type { Report } from "./report.ts";
import { formatReport, formatSummary } from "./table.ts";

const root = resolve(import.meta.dirname, "..");
const read = (file: string) => JSON.parse(readFileSync(file, "utf8")) as Report;
const results = join(import.meta.dirname, "results");
const report = read(process.argv[2] ?? join(results, "cpu.json"));

writeFileSync(join(root, "docs/benchmark.svg"), await drawRatios(report));
writeTables("docs/benchmark.md", "tables", formatReport(report));
writeTables("docs/benchmark.md", "CUDA tables", formatReport(read(join(results, "cuda-h100.json"))));
writeTables("README.md", "tables", formatSummary(report));

/** Puts tables between the marks of a page. */
function writeTables(page: string, name: string, tables: string): void {
  const path = join(root, page);
  const marks = new RegExp(`(<!-- ${name} -->\n).*(<!-- end of ${name} -->)`, "s");
  const text = readFileSync(path, "utf8");
  if (!marks.test(text))
    throw new Error(`[chart] expected ${page} to say where its ${name} are, found no marks`);
  writeFileSync(
    path,
    text.replace(marks, (_, before: string, after: string) => `${before}${tables}\n${after}`),
  );
}
