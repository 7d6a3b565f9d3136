import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Child } from "./child.ts";
import type { Reply } from "./reply.ts";
import type { Result } from "./report.ts";
import { start } from "./start.ts";
import { summarize } from "./statistics.ts";
import type { Place, SubjectName } from "./subjects.ts";
import type { Workload } from "./workload.ts";
import { writeWorkload } from "./workload-data.ts";

/** Calls a function with the file of a workload. */
export async function withFile<T>(workload: Workload, use: (file: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "snorkel-torch-bench-"));
  try {
    const file = join(folder, "workload.pt");
    await writeWorkload(workload, file);
    return await use(file);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/**
 * Trains a workload with every subject, in turns: what disturbs the machine for a while disturbs them all. The first
 * round warms up and is not counted.
 *
 * @throws Error where a subject fails, or does not learn.
 */
export async function measure(
  workload: Workload,
  names: readonly SubjectName[],
  rounds: number,
  place: Place,
): Promise<Result[]> {
  return withFile(workload, async (file) => {
    const running = names.map((name) => ({
      name,
      child: start(name, file, workload.threads, place),
      replies: [] as Reply[],
    }));
    try {
      for (const { name, child } of running) checkLearning(name, workload, await child.round());
      for (let round = 0; round < rounds; round++)
        for (const { child, replies } of running) replies.push(await child.round());
      return running.map(({ name, child, replies }) => toResult(name, workload, child, replies, place));
    } finally {
      await Promise.all(running.map(({ child }) => child.stop()));
    }
  });
}

/** @throws Error unless the loss is finite and has fallen. */
export function checkLearning(name: SubjectName, workload: Workload, reply: Reply): void {
  const { initialLoss, finalLoss } = reply;
  if (Number.isFinite(finalLoss) && finalLoss < initialLoss) return;
  throw new Error(
    `[bench] expected ${name} to learn ${workload.name}, got a loss of ${finalLoss} after ${initialLoss}`,
  );
}

function toResult(
  subject: SubjectName,
  { name: workload, threads }: Workload,
  child: Child,
  replies: readonly Reply[],
  { device }: Place,
): Result {
  const rounds = replies.map(({ seconds, steps }) => (1e6 * seconds) / steps);
  const { median: usPerStep, min, max } = summarize(rounds);
  const { steps: stepsPerRound = 0, initialLoss = Number.NaN, finalLoss = Number.NaN } = replies.at(-1) ?? {};
  const losses = { initialLoss, finalLoss };
  const { residentMemory } = child;
  return {
    workload,
    device,
    threads,
    subject,
    usPerStep,
    rounds,
    min,
    max,
    stepsPerRound,
    ...losses,
    residentMemory,
  };
}
