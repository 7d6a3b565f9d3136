import assert from "node:assert/strict";
import { existsSync, readdirSync } from "node:fs";
import { test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { ones, setNumThreads } from "../../../lib/torch/index.ts";
import { Trainer } from "../../../lib/training/index.ts";
import { makeLoader, makeModel } from "../../training/step-models.ts";

const tasks = "/proc/self/task";
const skip = existsSync(tasks) ? false : "this system does not list the threads of a process";

// They would count as busy, and the training thread's own would sleep between any two operators.
test("a run by programs ends the threads that the main thread's operators left behind", {
  skip,
}, async () => {
  setNumThreads(2);
  const train = () =>
    new Trainer({ progressBar: false, nEpochs: 3, logManagerConfig: { evaluationFreq: 3 } }).fit(
      makeModel(),
      [makeLoader("train")],
    );
  await train();
  const before = readdirSync(tasks).length;
  ones([512, 512]).mm(ones([512, 512]));
  assert.ok(readdirSync(tasks).length > before);
  await train();
  for (let i = 0; i < 50 && readdirSync(tasks).length > before; i++) await setTimeout(20);
  assert.equal(readdirSync(tasks).length, before);
});
