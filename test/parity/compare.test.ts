import assert from "node:assert/strict";
import { test } from "node:test";
import { torch } from "snorkel-torch";
import { compare, type Kind, kinds } from "../../scripts/parity/matrix/compare.ts";
import type { Outcome } from "../../scripts/parity/matrix/outcome.ts";

function outcome(): Outcome {
  const values = () => ({ "module_pool.head.weight": torch.tensor([1, 2]) });
  return {
    failure: null,
    fits: 1,
    log: {
      "model/all/train/loss": [[8, 0.5]],
      "model/all/train/lr": [[8, 0.1]],
      "t/d/valid/f1": [[8, Number.NaN]],
    },
    events: { "model/all/train/loss": [[8, 0.5]] },
    files: ["logs/run/log"],
    metrics: [{ "model/all/train/loss": 0.5 }],
    scores: { "t/d/valid/accuracy": 0.75 },
    remappedScores: {},
    table: [{ label: "t", dataset: "d", split: "valid", metric: "accuracy", score: 0.75 }],
    sliceScores: null,
    isTraining: true,
    drawn: [0.25, 0.5],
    tensors: { initial: values(), final: values(), golds: values(), probs: values(), preds: values() },
    checkpoints: { checkpoint_1: values() },
  };
}

const altered = torch.tensor([1, 2.5]);
const alterations: Record<Kind, (run: Outcome) => void> = {
  error: (run) => {
    run.failure = { during: "fit", type: "ValueError", message: "no" };
  },
  "initial weights": ({ tensors }) => Object.assign(tensors.initial, { "module_pool.head.weight": altered }),
  steps: ({ log }) => Object.assign(log ?? {}, { "model/all/train/lr": [[9, 0.1]] }),
  rates: ({ log }) => Object.assign(log ?? {}, { "model/all/train/lr": [[8, 0.2]] }),
  losses: ({ metrics }) => Object.assign(metrics[0] ?? {}, { "model/all/train/loss": 0.6 }),
  scores: ({ log }) => Object.assign(log ?? {}, { "t/d/valid/f1": [[8, 1]] }),
  events: ({ events }) => Object.assign(events, { "model/all/train/loss": [[9, 0.5]] }),
  table: ({ table }) => table?.pop(),
  files: ({ files }) => files.push("logs/run/other"),
  checkpoints: ({ checkpoints }) => Object.assign(checkpoints, { checkpoint_1: { other: altered } }),
  weights: ({ tensors }) => Object.assign(tensors.final, { "module_pool.head.weight": altered }),
  golds: ({ tensors }) => Object.assign(tensors.golds, { more: altered }),
  probs: ({ tensors }) => Object.assign(tensors.probs, { "module_pool.head.weight": torch.ones([3]) }),
  preds: ({ tensors }) =>
    Object.assign(tensors.preds, { "module_pool.head.weight": torch.tensor([Number.NaN, 2]) }),
  modes: (run) => {
    run.isTraining = false;
  },
  generators: (run) => {
    run.drawn = [0.25, 0.75];
  },
};

test("a run does not differ from itself, NaN included", () => {
  const differences = compare(outcome(), outcome());
  assert.deepEqual(new Set(Object.values(differences)), new Set([0]));
});

for (const kind of kinds) {
  test(`what differs in ${kind} is seen there and nowhere else`, () => {
    const run = outcome();
    alterations[kind](run);
    for (const pair of [
      [run, outcome()],
      [outcome(), run],
    ] as const) {
      const differences = compare(...pair);
      assert.deepEqual(
        kinds.filter((other) => differences[other] !== 0),
        [kind],
      );
    }
  });
}

test("a difference is told over the largest number", () => {
  const run = outcome();
  run.tensors.final = { "module_pool.head.weight": altered };
  assert.equal(compare(run, outcome()).weights, 0.25);
});
