import assert from "node:assert/strict";
import { type DataLoader, seedEverything } from "../../lib/data/index.ts";
import type { MultitaskClassifier } from "../../lib/model/index.ts";
import { scope, type Tensor } from "../../lib/torch/index.ts";
import { type History, Trainer, type TrainerOptions } from "../../lib/training/index.ts";

/** What a training has come to, as numbers. */
export interface Outcome {
  losses: number[];
  scores: number[];
  weights: number[];
  history: History;
  warnings: string[];
}

export interface TrainingCase {
  model: () => MultitaskClassifier;
  loaders: () => DataLoader[];
  options?: TrainerOptions;
}

/** Trains a model from the same start each time. */
export async function outcomeOf({ model: make, loaders: open, options }: TrainingCase): Promise<Outcome> {
  seedEverything(7);
  const model = make();
  const loaders = open();
  const warnings: string[] = [];
  const note = ({ message }: Error) => warnings.push(message);
  process.on("warning", note);
  try {
    const history = await new Trainer({ progressBar: false, nEpochs: 4, seed: 3, ...options }).fit(
      model,
      loaders,
    );
    const scores = Object.values(await model.score(loaders)).map(Number);
    // A warning is emitted in the next turn.
    await new Promise((resolve) => setImmediate(resolve));
    const losses = history.evaluations.flatMap(({ losses }) => Object.values(losses));
    return { losses, scores, weights: numbersOf(Object.values(model.stateDict())), history, warnings };
  } finally {
    process.off("warning", note);
  }
}

export function numbersOf(tensors: readonly Tensor[]): number[] {
  return scope(() =>
    tensors.flatMap((each) =>
      Array.from(each.detach().cpu().to("float64").toTypedArray() as Float64Array, Number),
    ),
  );
}

/** Asserts that numbers are those expected, but for a share of the largest of them. */
export function assertClose(got: readonly number[], expected: readonly number[], tolerance: number): void {
  assert.equal(got.length, expected.length);
  assert(expected.length > 0);
  const largest = Math.max(1, ...expected.map(Math.abs));
  for (const [i, value] of got.entries()) {
    const difference = Math.abs(value - (expected[i] as number));
    assert(difference <= tolerance * largest, `expected ${expected[i]} at ${i}, got ${value}`);
  }
}
