import assert from "node:assert/strict";
import { test } from "node:test";
import { ones } from "../../../lib/torch/index.ts";
import { Parameter } from "../../../lib/torch/nn/parameter.ts";
import { type PlateauState, ReduceLROnPlateau, SGD } from "../../../lib/torch/optim/index.ts";

// Against PyTorch step by step: schedules.test.ts.

test("an optimizer's rate falls after `patience` values without a better one", () => {
  const optimizer = new SGD([new Parameter(ones([1]))], { lr: 1 });
  const plateau = new ReduceLROnPlateau(optimizer, { factor: 0.5, patience: 1 });
  const rates = [3, 3, 3, 2, 2, Number.NaN, 2].map((metric) => {
    plateau.step(metric);
    return optimizer.lr;
  });
  assert.deepEqual(rates, [1, 1, 0.5, 0.5, 0.5, 0.25, 0.25]);
});

test("a state goes on where it was, also from the keys of PyTorch's", () => {
  const optimizer = { lr: 1 };
  const first = new ReduceLROnPlateau(optimizer, { patience: 1 });
  first.step(3);
  first.step(3);
  const state = first.stateDict();
  assert.deepEqual(state, { best: 3, cooldown_counter: 0, num_bad_epochs: 1, last_epoch: 2 });
  const second = new ReduceLROnPlateau(optimizer, { patience: 1 });
  second.loadStateDict({ ...state, factor: 0.1, mode: "min" } as PlateauState);
  second.step(3);
  assert.equal(optimizer.lr, 0.1);
});

test("bad options, metrics and states are refused", () => {
  const make = (options: object) => () => new ReduceLROnPlateau({ lr: 1 }, options);
  assert.throws(make({ factor: 1 }), /a number at least 0 below 1 for factor/);
  assert.throws(make({ mode: "lower" }), /mode to be one of/);
  assert.throws(make({ thresholdMode: "abc" }), /thresholdMode to be one of/);
  assert.throws(make({ patience: 0.5 }), /an integer at least 0 for patience/);
  assert.throws(make({ min_lr: 0 }), /Did you mean "minLr"/);
  assert.throws(() => new ReduceLROnPlateau({} as never), /optimizer.lr/);
  const plateau = new ReduceLROnPlateau({ lr: 1 });
  assert.throws(() => plateau.step("3" as never), /expected a number for metric, got "3"/);
  const state = plateau.stateDict();
  assert.throws(() => plateau.loadStateDict({ ...state, num_bad_epochs: -1 }), /num_bad_epochs/);
  assert.throws(() => plateau.loadStateDict({} as never), /a number for best/);
});
