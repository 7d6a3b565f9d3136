import assert from "node:assert/strict";
import { test } from "node:test";
import { pythonRandom, seedEverything } from "../../lib/data/index.ts";
import { getRngState } from "../../lib/torch/index.ts";

const states = () => [pythonRandom.getState(), [...getRngState().toTypedArray()].map(Number)];

test("seedEverything sets both generators, as torch.manual_seed and random.seed do", () => {
  seedEverything(3);
  const first = states();
  pythonRandom.random();
  seedEverything(4);
  assert.notDeepEqual(states(), first);
  seedEverything(3);
  assert.deepEqual(states(), first);
});

test("a bad seed is an error that leaves both generators alone", () => {
  const before = states();
  assert.throws(() => seedEverything(0.5), /expected an integer for seed, got 0.5/);
  assert.throws(() => seedEverything("1" as unknown as number), /expected an integer for seed/);
  assert.deepEqual(states(), before);
});
