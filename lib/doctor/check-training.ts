import type { Finding } from "./finding.ts";
import { childModule, runChild } from "./run-child.ts";

/** What the training tells; see training-child.ts. */
export interface TrainingReport {
  /** Of LibTorch. */
  version: string;
  threads: number;
  cudaDevices: number;
  /** Why there are none; null where there are. */
  cudaReason: string | null;
  device: string;
  milliseconds: number;
  steps: number;
  /** Scores by name. */
  before: Record<string, number>;
  after: Record<string, number>;
}

const check = "Training";

/** Trains two small tasks in a process of its own. */
export async function checkTraining(): Promise<{ finding: Finding; report?: TrainingReport }> {
  const { messages, failure } = await runChild(childModule("training-child"), [], 120_000);
  const report = messages[0] as TrainingReport | undefined;
  const fix =
    "Run `npx snorkel-torch install --force`, and report what `npx snorkel-torch doctor --json` prints.";
  if (failure !== undefined || report === undefined) {
    const [summary = "", ...details] = (failure ?? "it told nothing").split("\n");
    return { finding: { check, status: "failed", summary, details, fix, facts: { failure } } };
  }
  const { steps, milliseconds, device } = report;
  const facts = { ...report };
  const learned = Object.entries(report.after).every(([name, score]) => score > (report.before[name] ?? 1));
  const scores = Object.entries(report.after).map(
    ([name, score]) => `${name.split("/", 1)[0]} ${score.toFixed(2)}`,
  );
  const summary = `${steps} steps of two tasks on ${device} in ${(milliseconds / 1000).toFixed(2)} s, accuracy: ${scores.join(", ")}`;
  if (learned) return { finding: { check, status: "ok", summary, facts }, report };
  return {
    finding: { check, status: "failed", summary: `${summary}, no better than before`, fix, facts },
    report,
  };
}
