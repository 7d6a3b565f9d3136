import assert from "node:assert/strict";
import { type DataLoader, seedEverything } from "../../lib/data/index.ts";
import type { MultitaskClassifier } from "../../lib/model/index.ts";
import { getRngState, type Tensor } from "../../lib/torch/index.ts";
import { type History, Trainer, type TrainerOptions } from "../../lib/training/index.ts";

export interface Training {
  model: () => MultitaskClassifier;
  loaders: () => DataLoader[];
  options?: TrainerOptions;
}

interface Outcome {
  weights: string[];
  history: History;
  scores: Record<string, number>;
  probs: string[];
  generator: string;
  warnings: string[];
}

const bits = (tensor: Tensor) =>
  Buffer.from(tensor.detach().to("float64").toTypedArray().buffer).toString("hex");

/** Trains the same model with and without programs, and asserts that all that shows is the same, to the bit. */
export async function assertSameBothWays(training: Training): Promise<{ warnings: string[] }> {
  const here = await train(training, false);
  const { warnings, ...byPrograms } = await train(training, true);
  assert.deepEqual(here.warnings, []);
  assert.deepEqual({ ...byPrograms, warnings: [] }, here);
  assert.ok(here.history.batches > 0);
  return { warnings };
}

async function train(
  { model: make, loaders: open, options }: Training,
  stepPrograms: boolean,
): Promise<Outcome> {
  seedEverything(7);
  const model = make();
  const loaders = open();
  const warnings: string[] = [];
  const note = ({ message }: Error) => warnings.push(message);
  process.on("warning", note);
  try {
    const trainer = new Trainer({ progressBar: false, nEpochs: 4, seed: 3, ...options, stepPrograms });
    const history = await trainer.fit(model, loaders);
    const generator = Buffer.from(getRngState().toTypedArray().buffer).toString("hex");
    const programs = stepPrograms ? undefined : null;
    const scores = await model.score(loaders, { programs });
    const { probs } = await model.predict(loaders[0] as DataLoader, { programs });
    // A warning is emitted in the next turn.
    await new Promise((resolve) => setImmediate(resolve));
    const state = Object.values(model.stateDict());
    return {
      weights: state.map(bits),
      history,
      scores,
      probs: Object.values(probs).map(bits),
      generator,
      warnings,
    };
  } finally {
    process.off("warning", note);
  }
}
