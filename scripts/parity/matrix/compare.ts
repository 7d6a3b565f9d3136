import type { torch } from "snorkel-torch";
import { failureKind } from "./failures.ts";
import type { Outcome } from "./outcome.ts";

/** What is compared. */
export const kinds = [
  "error",
  "initial weights",
  "steps",
  "rates",
  "losses",
  "scores",
  "events",
  "table",
  "files",
  "checkpoints",
  "weights",
  "golds",
  "probs",
  "preds",
  "modes",
  "generators",
] as const;

export type Kind = (typeof kinds)[number];

/** By kind, the worst difference of two runs: 0 for none, infinity where they do not even have the same parts. */
export type Differences = Record<Kind, number>;

/** How far a run is from another, which counts as right. */
export function compare(run: Outcome, right: Outcome): Differences {
  const log = run.log ?? {};
  const rightLog = right.log ?? {};
  const metrics: Record<string, number> = Object.assign(
    {},
    ...run.metrics.map((of, i) => prefixed(of, `${i}:`)),
  );
  const rightMetrics: Record<string, number> = Object.assign(
    {},
    ...right.metrics.map((of, i) => prefixed(of, `${i}:`)),
  );
  const values = (wanted: (name: string) => boolean) =>
    worst([
      ofParts(pick(log, wanted), pick(rightLog, wanted), (a, b) => ofNumbers(column(a, 1), column(b, 1))),
      ofParts(pick(metrics, wanted), pick(rightMetrics, wanted), (a, b) => ofNumbers([a], [b])),
    ]);
  const scores = (part: "scores" | "remappedScores" | "sliceScores") =>
    ofParts(run[part] ?? {}, right[part] ?? {}, (a, b) => ofNumbers([a], [b]));
  const tensors = (part: keyof Outcome["tensors"]) => ofTensors(run.tensors[part], right.tensors[part]);
  return {
    error: failureKind(run.failure) === failureKind(right.failure) && run.fits === right.fits ? 0 : Infinity,
    "initial weights": tensors("initial"),
    steps: ofParts(log, rightLog, (a, b) => ofNumbers(column(a, 0), column(b, 0))),
    rates: values(isRate),
    losses: values(isLoss),
    scores: worst([
      values((name) => !isRate(name) && !isLoss(name)),
      ...(["scores", "remappedScores", "sliceScores"] as const).map(scores),
    ]),
    events: ofParts(run.events, right.events, (a, b) =>
      Math.max(ofNumbers(column(a, 0), column(b, 0)) && Infinity, ofNumbers(column(a, 1), column(b, 1))),
    ),
    table: isSameTable(run, right) ? 0 : Infinity,
    files: run.files.join() === right.files.join() ? 0 : Infinity,
    checkpoints: ofParts(run.checkpoints, right.checkpoints, ofTensors),
    weights: tensors("final"),
    golds: tensors("golds"),
    probs: tensors("probs"),
    preds: tensors("preds"),
    modes: run.isTraining === right.isTraining ? 0 : Infinity,
    generators: ofNumbers(run.drawn, right.drawn),
  };
}

const isRate = (name: string) => name.endsWith("/lr");
const isLoss = (name: string) => name.endsWith("/loss");

/** The rows of a table name what the scores name, in that order. */
function isSameTable({ table }: Outcome, right: Outcome): boolean {
  const names = (rows: Outcome["table"]) =>
    JSON.stringify((rows ?? []).map(({ label, dataset, split, metric }) => [label, dataset, split, metric]));
  return names(table) === names(right.table);
}

/** Of values by name. */
function ofParts<T>(
  run: Record<string, T>,
  right: Record<string, T>,
  compareParts: (a: T, b: T) => number,
): number {
  const names = Object.keys(right);
  if (names.length !== Object.keys(run).length || names.some((name) => !(name in run))) return Infinity;
  return worst(names.map((name) => compareParts(run[name] as T, right[name] as T)));
}

function ofTensors(run: Record<string, torch.Tensor>, right: Record<string, torch.Tensor>): number {
  return ofParts(run, right, (a, b) =>
    a.shape.join() === b.shape.join() ? ofNumbers(elements(a), elements(b)) : Infinity,
  );
}

function elements(tensor: torch.Tensor): number[] {
  return Array.from(tensor.toTypedArray(), Number);
}

/** The largest difference of two numbers over the largest number. NaN is the same as NaN. */
function ofNumbers(run: readonly number[], right: readonly number[]): number {
  if (run.length !== right.length) return Infinity;
  const difference = worst(run.map((value, i) => distance(value, right[i] as number)));
  return difference === 0 ? 0 : difference / worst(right.filter(Number.isFinite).map(Math.abs));
}

function distance(a: number, b: number): number {
  if (Object.is(a, b) || a === b) return 0;
  return Number.isFinite(a) && Number.isFinite(b) ? Math.abs(a - b) : Infinity;
}

function worst(differences: readonly number[]): number {
  return differences.reduce((a, b) => Math.max(a, b), 0);
}

function pick<T>(record: Record<string, T>, wanted: (name: string) => boolean): Record<string, T> {
  return Object.fromEntries(Object.entries(record).filter(([name]) => wanted(name)));
}

function prefixed(record: Record<string, number>, prefix: string): Record<string, number> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [prefix + name, value]));
}

function column(rows: readonly (readonly [number, number])[], index: 0 | 1): number[] {
  return rows.map((row) => row[index]);
}
