// Draws a committed result, and writes its tables where it is described.
//
//   npm run bench:chart -- [bench/results/cpu.json]
import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { drawRatios } from "./draw.ts";
import type { Report } from "./report.ts";
import { formatReport } from "./table.ts";

const docs = resolve(import.meta.dirname, "../docs");
const page = join(docs, "benchmark.md");
const file = process.argv[2] ?? join(import.meta.dirname, "results", "cpu.json");
const report = JSON.parse(readFileSync(file, "utf8")) as Report;

writeFileSync(join(docs, "benchmark.svg"), await drawRatios(report));
const tables = `<!-- tables -->\n${formatReport(report)}\n<!-- end of tables -->`;
const text = readFileSync(page, "utf8");
writeFileSync(
  page,
  text.replace(/<!-- tables -->.*<!-- end of tables -->/s, () => tables),
);
