import type { Report, Result } from "./report.ts";
import { type SubjectName, subjectNames, subjects } from "./subjects.ts";

/** The results of one workload, for a terminal: each median with its range, and how it compares. */
export function formatResults(results: readonly Result[]): string {
  const base = results.find(({ subject }) => subject === subjectNames[0]);
  return results
    .map((result) => {
      const { subject, usPerStep, min, max } = result;
      const range = `${formatMicroseconds(min)} to ${formatMicroseconds(max)}`;
      const ratio = base ? `${ratioOf(result, base).toFixed(2)}x` : "";
      const median = formatMicroseconds(usPerStep).padStart(9);
      return `  ${subject.padEnd(16)} ${median} us per step  (${range})  ${ratio}`;
    })
    .join("\n");
}

/** All results as a Markdown table: workloads by subjects. */
export function formatTable({ results }: Pick<Report, "results">): string {
  const columns = subjectNames.filter((name) => results.some(({ subject }) => subject === name));
  const workloads = [...new Set(results.map(({ workload }) => workload))];
  const rows = workloads.map((workload) => {
    const ofWorkload = new Map(
      results.filter((result) => result.workload === workload).map((result) => [result.subject, result]),
    );
    return [workload, ...columns.map((name) => formatCell(ofWorkload, name))];
  });
  const head = ["us per step", ...columns.map((name) => subjects[name].title)];
  return [head, ["---", ...columns.map(() => "---:")], ...rows]
    .map((cells) => `| ${cells.join(" | ")} |`)
    .join("\n");
}

function formatCell(results: ReadonlyMap<SubjectName, Result>, name: SubjectName): string {
  const [baseName = name] = subjectNames;
  const result = results.get(name);
  const base = results.get(baseName);
  if (result === undefined) return "";
  const median = formatMicroseconds(result.usPerStep);
  return base === undefined || name === baseName
    ? median
    : `${median} (${ratioOf(result, base).toFixed(2)}x)`;
}

/** How many times as long as the base a subject takes. */
export function ratioOf(result: Result, base: Result): number {
  return result.usPerStep / base.usPerStep;
}

function formatMicroseconds(microseconds: number): string {
  return microseconds >= 100 ? microseconds.toFixed(0) : microseconds.toPrecision(3);
}
