import type { Result } from "../../bench/report.ts";
import type { SubjectName } from "../../bench/subjects.ts";

/** What a run may have found. */
export function makeResult(workload: string, subject: SubjectName, usPerStep: number): Result {
  return {
    workload,
    device: "cpu",
    threads: 1,
    subject,
    usPerStep,
    rounds: [usPerStep],
    min: usPerStep,
    max: usPerStep,
    stepsPerRound: 10,
    initialLoss: 2,
    finalLoss: 1,
    residentMemory: null,
  };
}
