// A program that trains without end on a thread; its argument says what becomes of it meanwhile.
import { isMainThread, parentPort, Worker } from "node:worker_threads";
import { TrainingThread } from "../../../lib/torch/engine/index.ts";
import { optim } from "../../../lib/torch/index.ts";
import { makeData, makeModel, planOf } from "./steps.ts";

const endings: Record<string, () => void | Promise<void>> = {
  exit: () => process.exit(7),
  throw: () => {
    throw new Error("on purpose");
  },
  abort: async () => {
    for (const thread of threads) thread.abort();
    for (const result of await Promise.all(running)) if (!result.aborted) process.exit(1);
    process.exitCode = 7;
  },
  dispose: async () => {
    for (const thread of threads) thread.dispose();
    for (const result of await Promise.all(running)) if (!result.aborted) process.exit(1);
    process.exitCode = 7;
  },
};

const threads: TrainingThread[] = [];
const running: ReturnType<TrainingThread["run"]>[] = [];

async function start(count: number): Promise<void> {
  const data = makeData();
  for (let i = 0; i < count; i++) {
    const model = makeModel();
    const thread = new TrainingThread();
    threads.push(thread);
    running.push(thread.run(planOf(model, data, new optim.Adam(model.parameters), { steps: 300_000 })));
  }
  while (threads.some(({ progress }) => progress < 20)) await new Promise((resolve) => setImmediate(resolve));
}

/** Another one in a worker, once it trains. */
async function startWorker(): Promise<Worker> {
  const tsx = JSON.stringify(import.meta.resolve("tsx/esm/api"));
  const file = JSON.stringify(import.meta.url);
  const worker = new Worker(
    `import(${tsx}).then(({ register }) => { register(); return import(${file}); });`,
    { eval: true },
  );
  await new Promise((resolve) => worker.once("message", resolve));
  return worker;
}

if (isMainThread) {
  const [place = "main", ending = "exit"] = process.argv.slice(2);
  if (place === "main") {
    await start(2);
    await endings[ending]?.();
  } else {
    const workers = [await startWorker(), await startWorker()];
    if (ending === "terminate") {
      await Promise.all(workers.map((worker) => worker.terminate()));
      process.exitCode = 7;
    } else if (ending === "end") {
      const ended = workers.map((worker) => new Promise((resolve) => worker.once("exit", resolve)));
      for (const worker of workers) worker.postMessage("exit");
      process.exitCode = (await Promise.all(ended)).every((code) => code === 7) ? 7 : 1;
    } else {
      process.exit(7);
    }
  }
} else {
  await start(1);
  parentPort?.on("message", (ending: string) => void endings[ending]?.());
  parentPort?.postMessage("training");
}
