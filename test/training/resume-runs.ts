// Trainings that are left alone, and the same ones saved on their way and continued: what the tests of resuming share.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type DataLoader, seedEverything } from "../../lib/data/index.ts";
import type { MultitaskClassifier } from "../../lib/model/index.ts";
import { loadSafetensors } from "../../lib/torch/index.ts";
import {
  type FitCallbacks,
  type FitContext,
  type History,
  Trainer,
  type TrainerOptions,
} from "../../lib/training/index.ts";
import { makeLoader, makeModel } from "./step-models.ts";

export interface Training {
  model: () => MultitaskClassifier;
  loaders: () => DataLoader[];
  options: TrainerOptions;
  callbacks?: FitCallbacks;
}

/** All at once: shuffled orders, dropout, two loaders, an average of weights, a warm-up, partly labelled rows. */
export const everything: Training = {
  model: makeModel,
  loaders: () => [
    makeLoader("train", { names: ["first"], missing: 0.3 }),
    makeLoader("train", { names: ["second"], options: { batchSize: 5 } }),
    makeLoader("valid"),
  ],
  options: {
    nEpochs: 4,
    weightAveraging: "ema",
    weightAveragingConfig: { decay: 0.9, startStep: 3 },
    lrScheduler: "exponential",
    lrSchedulerConfig: { warmupSteps: 5, exponentialConfig: { gamma: 0.98 } },
    logManagerConfig: { counterUnit: "batches", evaluationFreq: 5 },
  },
};

export interface Outcome {
  history: History;
  log: unknown;
  /** All tensors that are saved at the end, each by a digest of its bits. */
  tensors: Record<string, string>;
}

export const folder = () => mkdtempSync(join(tmpdir(), "resume-"));

function open({ model, loaders }: Training, seed: number) {
  seedEverything(7);
  const opened = loaders();
  seedEverything(seed); // the weights at the start are not the saved training's, nor is the generator
  return { model: model(), loaders: opened };
}

function trainerOf({ options }: Training, logDir: string, others: TrainerOptions = {}): Trainer {
  const logs = { logging: true, logWriter: "json", logWriterConfig: { logDir, runName: "run" } } as const;
  return new Trainer({ progressBar: false, seed: 3, ...options, ...logs, ...others });
}

export async function outcomeOf(trainer: Trainer, history: History, logDir: string): Promise<Outcome> {
  const path = join(folder(), "end.safetensors");
  await trainer.save(path);
  const tensors = await loadSafetensors(path);
  const bits = Object.entries(tensors).map(([name, tensor]) => [
    name,
    createHash("sha256")
      .update(Buffer.from(tensor.to("float64").toTypedArray().buffer))
      .digest("hex"),
  ]);
  const log = JSON.parse(readFileSync(join(logDir, "run", "log.json"), "utf8"));
  return { history, log, tensors: Object.fromEntries(bits) };
}

/** The training from its beginning to its end. */
export async function trainAlone(
  training: Training,
  callbacks: FitCallbacks = {},
  logDir = folder(),
): Promise<Outcome> {
  const { model, loaders } = open(training, 1);
  const trainer = trainerOf(training, logDir);
  return outcomeOf(
    trainer,
    await trainer.fit(model, loaders, { callbacks: [callbacks, training.callbacks ?? {}] }),
    logDir,
  );
}

/** The training up to a callback's `count`-th call, in which it is saved and then given up; and its end by another trainer. */
export async function trainInTwo(
  training: Training,
  name: keyof FitCallbacks,
  count: number,
  others: TrainerOptions = {},
): Promise<Outcome> {
  const logDir = folder();
  const path = join(folder(), "state.safetensors");
  const first = open(training, 1);
  let calls = 0;
  const callback = async ({ trainer }: FitContext) => {
    if (++calls < count) return;
    await trainer.save(path);
    throw new Error("given up");
  };
  const fitting = trainerOf(training, logDir).fit(first.model, first.loaders, {
    callbacks: [{ [name]: callback }, training.callbacks ?? {}],
  });
  await assert.rejects(fitting, /given up/);
  return continueFrom(path, training, logDir, others);
}

export async function continueFrom(
  path: string,
  training: Training,
  logDir: string,
  others: TrainerOptions = {},
): Promise<Outcome> {
  const { model, loaders } = open(training, 99);
  const trainer = new Trainer(others);
  await trainer.load(path, model);
  return outcomeOf(
    trainer,
    await trainer.fit(model, loaders, { callbacks: [{}, training.callbacks ?? {}] }),
    logDir,
  );
}

/** The training up to an abort after about `batches` batches, saved then; and its end by another trainer. */
export async function trainAborted(training: Training, isTime: () => boolean): Promise<Outcome> {
  const logDir = folder();
  const path = join(folder(), "state.safetensors");
  const { model, loaders } = open(training, 1);
  const trainer = trainerOf(training, logDir);
  const controller = new AbortController();
  const watch = setInterval(() => isTime() && controller.abort(), 1);
  try {
    await assert.rejects(trainer.fit(model, loaders, { signal: controller.signal }), { name: "AbortError" });
  } finally {
    clearInterval(watch);
  }
  await trainer.save(path);
  return continueFrom(path, training, logDir);
}
