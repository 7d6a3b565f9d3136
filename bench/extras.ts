import { withFile } from "./measure.ts";
import type { Extras } from "./report.ts";
import { start } from "./start.ts";
import { summarize } from "./statistics.ts";
import type { Place, SubjectName } from "./subjects.ts";
import { makeWorkload, oneStep, type Size } from "./workloads.ts";

/** What users notice besides the time of a step. */
export async function measureExtras(
  names: readonly SubjectName[],
  size: Size,
  rounds: number,
  place: Place,
): Promise<Extras> {
  const chosen = (candidates: SubjectName[]) => candidates.filter((name) => names.includes(name));
  return {
    startup: await measureStartup(chosen(["recorded", "eager", "snorkel"]), rounds, place),
    eventLoopDelay: await measureEventLoop(chosen(["recorded", "eager"]), size, place),
  };
}

/** In turns too, each run in a fresh process. */
async function measureStartup(
  names: readonly SubjectName[],
  rounds: number,
  place: Place,
): Promise<Extras["startup"]> {
  return withFile(oneStep, async (file) => {
    const runs = new Map(names.map((name) => [name, [] as number[]]));
    for (let round = 0; round < rounds; round++) {
      for (const [name, seconds] of runs) {
        const began = performance.now();
        const child = start(name, file, oneStep.threads, place);
        try {
          await child.round();
          seconds.push((performance.now() - began) / 1000);
        } finally {
          await child.stop();
        }
      }
    }
    return [...runs].map(([subject, seconds]) => ({
      subject,
      seconds: summarize(seconds).median,
      runs: seconds,
    }));
  });
}

async function measureEventLoop(
  names: readonly SubjectName[],
  size: Size,
  place: Place,
): Promise<Extras["eventLoopDelay"]> {
  const workload = makeWorkload("big", size);
  if (workload === undefined) throw new Error("[bench] expected a workload big");
  return withFile(workload, async (file) => {
    const delays: Extras["eventLoopDelay"] = [];
    for (const subject of names) {
      const child = start(subject, file, workload.threads, place);
      try {
        await child.round();
        const { eventLoopDelay } = await child.round({ watchEventLoop: true });
        if (eventLoopDelay) delays.push({ workload: workload.name, subject, ...eventLoopDelay });
      } finally {
        await child.stop();
      }
    }
    return delays;
  });
}
