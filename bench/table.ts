import type { Extras, Report, Result } from "./report.ts";
import { type SubjectName, subjectNames, subjects } from "./subjects.ts";
import { workloadNames } from "./workloads.ts";

const summarySubjects: readonly SubjectName[] = ["recorded", "snorkel", "pytorch", "libtorch"];

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

/** All that was found, as Markdown. */
export function formatReport({ results, extras }: Pick<Report, "results" | "extras">): string {
  const main = results.filter(isMain);
  const series = results.filter((result) => !isMain(result));
  const parts = [main, series].filter((part) => part.length > 0);
  const tables = parts.flatMap((part) => [formatSteps(part), formatMemory(part)]);
  return [...tables, ...(extras ? formatExtras(extras) : [])].join("\n\n");
}

/** Whether it is of a workload of its own, and not one of a series over one number. */
export const isMain = ({ workload }: Result): boolean => workloadNames.includes(workload);

function formatSteps(results: readonly Result[]): string {
  return formatBySubject("us per step", results, (result, ofWorkload) => {
    const base = ofWorkload.find(({ subject }) => subject === subjectNames[0]);
    const median = formatMicroseconds(result.usPerStep);
    return base === undefined || base === result
      ? median
      : `${median} (${ratioOf(result, base).toFixed(2)}x)`;
  });
}

function formatMemory(results: readonly Result[]): string {
  return formatBySubject("MiB of memory", results, ({ residentMemory }) =>
    residentMemory === null ? "" : (residentMemory / 2 ** 20).toFixed(0),
  );
}

/** What a front page says: a step's time with what most would use instead, and on which machine that was. */
export function formatSummary({
  date,
  machine,
  results,
}: Pick<Report, "date" | "machine" | "results">): string {
  const shown = results.filter((result) => isMain(result) && summarySubjects.includes(result.subject));
  const { cores, cpu, node, libTorch } = machine;
  const where = `${cores} cores of ${cpu}, Node.js ${node.replace(/^v/, "")}, LibTorch ${libTorch}, ${date.slice(0, 10)}`;
  return `${formatSteps(shown)}\n\nMeasured on ${where}.`;
}

/** Workloads by subjects. */
function formatBySubject(
  what: string,
  results: readonly Result[],
  format: (result: Result, ofWorkload: readonly Result[]) => string,
): string {
  const columns = subjectNames.filter((name) => results.some(({ subject }) => subject === name));
  const workloads = [...new Set(results.map(({ workload }) => workload))];
  const rows = workloads.map((workload) => {
    const ofWorkload = results.filter((result) => result.workload === workload);
    const cells = columns.map((name) => {
      const result = ofWorkload.find(({ subject }) => subject === name);
      return result ? format(result, ofWorkload) : "";
    });
    return [workload, ...cells];
  });
  return formatTable([what, ...columns.map(titleOf)], rows);
}

function formatExtras({ startup, eventLoopDelay }: Extras): string[] {
  return [
    formatTable(
      ["from start to the first step", "seconds"],
      startup.map(({ subject, seconds }) => [titleOf(subject), seconds.toFixed(2)]),
    ),
    formatTable(
      ["delay of the event loop, ms", "median", "99th percentile", "longest"],
      eventLoopDelay.map(({ workload, subject, p50, p99, max }) => [
        `${workload}: ${titleOf(subject)}`,
        ...[p50, p99, max].map((delay) => delay.toFixed(1)),
      ]),
    ),
  ];
}

function formatTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, ["---", ...head.slice(1).map(() => "---:")], ...rows]
    .map((cells) => `| ${cells.join(" | ")} |`)
    .join("\n");
}

function titleOf(name: SubjectName): string {
  return subjects[name].title;
}

/** How many times as long as the base a subject takes. */
export function ratioOf(result: Result, base: Result): number {
  return result.usPerStep / base.usPerStep;
}

function formatMicroseconds(microseconds: number): string {
  return microseconds >= 100 ? microseconds.toFixed(0) : microseconds.toPrecision(3);
}
