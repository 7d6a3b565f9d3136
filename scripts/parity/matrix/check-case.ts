import { boundsOf, type Reason } from "./bounds.ts";
import type { Manner, ParityCase } from "./case.ts";
import { compare, type Differences, type Kind, kinds } from "./compare.ts";
import { type DecidedDifference, decidedDifferences } from "./decided.ts";
import type { Outcome } from "./outcome.ts";
import type { PythonOutcomes } from "./python.ts";

/** What came of a case. */
export interface Check {
  name: string;
  /** The decided differences that show in it. */
  decided: string[];
  runs: { manner: Manner; reason: Reason; differences: Differences }[];
  /** What is not as it should be; empty for a case that passed. */
  problems: string[];
}

/** Compares the runs of a case here with those in Python. */
export function checkCase(
  parityCase: ParityCase,
  { snorkel, corrected, nudged }: PythonOutcomes,
  runs: readonly { manner: Manner; outcome: Outcome }[],
): Check {
  const applying = decidedDifferences.filter(({ applies }) => applies(parityCase, snorkel, corrected));
  const problems = applying
    .filter(({ isInSnorkel }) => !isInSnorkel(snorkel, corrected, parityCase))
    .map(({ name }) => `Snorkel does not show: ${name}`);
  problems.push(...unexplained(snorkel, corrected, applying));
  const sensitivity = compare(nudged, corrected);
  const compared = runs.map(({ manner, outcome }) => {
    const { reason, bounds } = boundsOf(parityCase, manner, sensitivity);
    const differences = compare(outcome, corrected);
    for (const kind of kinds)
      if (!(differences[kind] <= bounds[kind]))
        problems.push(`${manner.implementation}: ${kind} ${describe(kind, differences, outcome, corrected)}`);
    return { manner, reason, differences };
  });
  return { name: parityCase.name, decided: applying.map(({ name }) => name), runs: compared, problems };
}

/** In what Snorkel put right differs from Snorkel as it is, other than by what the decided differences that show explain. */
function unexplained(snorkel: Outcome, corrected: Outcome, applying: readonly DecidedDifference[]): string[] {
  let likeSnorkel: Outcome = corrected;
  for (const { undo } of applying) {
    // From there on the two runs are different ones.
    if (undo === undefined) return [];
    likeSnorkel = undo(likeSnorkel);
  }
  const differences = compare(likeSnorkel, snorkel);
  return kinds
    .filter((kind) => differences[kind] !== 0)
    .map((kind) => `Snorkel put right differs without a reason: ${kind}`);
}

function describe(kind: Kind, differences: Differences, run: Outcome, right: Outcome): string {
  if (kind === "error") return `${JSON.stringify(run.failure)} instead of ${JSON.stringify(right.failure)}`;
  if (kind === "files") return `${run.files} instead of ${right.files}`;
  return differences[kind].toExponential(1);
}
