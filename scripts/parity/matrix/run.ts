import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import {
  type DictDataLoader,
  type MultitaskClassifier,
  pythonRandom,
  SliceAwareClassifier,
  seedEverything,
  Trainer,
  torch,
} from "snorkel-torch";
import { buildLoaders, buildModel } from "./build.ts";
import { labelsWithoutTask, type Manner, type ParityCase } from "./case.ts";
import type { LoaderData } from "./data.ts";
import { listFiles, readCheckpoints, readScalars, withoutExtension } from "./files.ts";
import type { Outcome } from "./outcome.ts";
import { buildSliceAware } from "./slices.ts";

/** Runs a case as run.py does. Logs and checkpoints go below the folder. */
export async function runCase(
  parityCase: ParityCase,
  data: readonly LoaderData[],
  { implementation, stepPrograms }: Manner,
  folder: string,
): Promise<Outcome> {
  const outcome = emptyOutcome();
  let during = "build";
  try {
    seedEverything(parityCase.seed);
    const { model, loaders } = build(parityCase, data);
    outcome.tensors.initial = copyOf(model.stateDict());
    const { trainer: options } = parityCase;
    try {
      during = "fit";
      const trainer = new Trainer({
        ...options,
        stepPrograms,
        optimizerConfig: { ...options.optimizerConfig, implementation },
        logWriterConfig: { logDir: join(folder, "logs"), runName: "run" },
        checkpointerConfig: {
          ...options.checkpointerConfig,
          checkpointDir: join(folder, "checkpoints"),
          // Snorkel has no such file.
          checkpointState: false,
        },
      });
      for (; outcome.fits < parityCase.fits; outcome.fits++) {
        await trainer.fit(model, loaders, { ignoreLabels: labelsWithoutTask(parityCase) });
        outcome.metrics.push({ ...trainer.metrics });
      }
      outcome.isTraining = model.modules().every(({ training }) => training);
      during = "score";
      await look(parityCase, model, loaders, outcome);
    } finally {
      outcome.tensors.final = copyOf(model.stateDict());
    }
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    outcome.failure = { during, type: error.constructor.name, message: error.message };
  }
  outcome.drawn = [torch.rand([1]).item(), pythonRandom.random()];
  outcome.log = readLog(folder);
  outcome.events = readScalars(join(folder, "logs/run"));
  outcome.files = listFiles(folder).map(withoutExtension);
  outcome.checkpoints = await readCheckpoints(join(folder, "checkpoints"));
  return outcome;
}

function build(
  parityCase: ParityCase,
  data: readonly LoaderData[],
): { model: MultitaskClassifier; loaders: DictDataLoader[] } {
  if (parityCase.sliceNames !== null) return buildSliceAware(parityCase, data);
  return { model: buildModel(parityCase), loaders: buildLoaders(parityCase, data) };
}

/** Predicts and scores, which must not change the model. */
async function look(
  { remapLabels }: ParityCase,
  model: MultitaskClassifier,
  loaders: readonly DictDataLoader[],
  outcome: Outcome,
): Promise<void> {
  for (const [i, loader] of loaders.entries()) {
    const predictions = await model.predict(loader, { returnPreds: true });
    for (const part of ["golds", "probs", "preds"] as const)
      for (const [label, tensor] of Object.entries(predictions[part] ?? {}))
        outcome.tensors[part][`${i}/${label}`] = tensor;
  }
  outcome.scores = await model.score(loaders);
  outcome.table = await model.score(loaders.slice(0, 1), { asTable: true });
  outcome.remappedScores = await model.score(loaders, { remapLabels });
  if (model instanceof SliceAwareClassifier) outcome.sliceScores = await model.scoreSlices(loaders);
}

function copyOf(weights: Record<string, torch.Tensor>): Record<string, torch.Tensor> {
  return Object.fromEntries(Object.entries(weights).map(([name, tensor]) => [name, tensor.clone()]));
}

function readLog(folder: string): Outcome["log"] {
  const path = join(folder, "logs/run/log.json");
  if (!existsSync(path)) return null;
  const log: Record<string, [number, number | null][]> = JSON.parse(readFileSync(path, "utf8"));
  // JSON has no NaN.
  return Object.fromEntries(
    Object.entries(log).map(([name, series]) => [
      name,
      series.map(([step, value]) => [step, value ?? Number.NaN]),
    ]),
  );
}

function emptyOutcome(): Outcome {
  return {
    failure: null,
    fits: 0,
    log: null,
    events: {},
    files: [],
    metrics: [],
    scores: null,
    remappedScores: null,
    table: null,
    sliceScores: null,
    isTraining: false,
    drawn: [Number.NaN, Number.NaN],
    tensors: { initial: {}, final: {}, golds: {}, probs: {}, preds: {} },
    checkpoints: {},
  };
}
