import { formatDifference } from "../format-difference.ts";
import type { Check } from "./check-case.ts";
import { type Kind, kinds } from "./compare.ts";
import { decidedDifferences } from "./decided.ts";

/** Prints the worst differences, the decided differences that showed, the cases that failed, and the sum. */
export function printReport(checks: readonly Check[]): void {
  const runs = checks.flatMap((check) => check.runs);
  const columns = [...new Set(runs.map(({ reason }) => reason))];
  const worst = (kind: Kind, column: string) =>
    runs
      .filter(({ reason }) => reason === column)
      .reduce((most, { differences }) => Math.max(most, differences[kind]), 0);
  console.log("\nThe worst differences:");
  console.table(
    Object.fromEntries(
      kinds.map((kind) => [
        kind,
        Object.fromEntries(columns.map((column) => [column, formatDifference(worst(kind, column))])),
      ]),
    ),
  );
  console.log("Decided differences, and in how many cases they showed:");
  for (const { name } of decidedDifferences)
    console.log(
      `${String(checks.filter(({ decided }) => decided.includes(name)).length).padStart(5)}  ${name}`,
    );
  const failed = checks.filter(({ problems }) => problems.length > 0);
  for (const { name, problems, decided } of failed) {
    console.log(`\nCase ${name} failed${decided.length > 0 ? ` (decided: ${decided.join("; ")})` : ""}`);
    for (const problem of problems) console.log(`  ${problem}`);
  }
  console.log(`\n${checks.length - failed.length} passed, ${failed.length} failed`);
}
