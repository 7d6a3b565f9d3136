import "../plain-kernels.ts";
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { manualSeed, nn, ones, setNumThreads, zeros } from "../../../lib/torch/index.ts";
import { encode } from "../../../scripts/parity/torch/golden-tensor.ts";
import {
  caseName,
  initDifference,
  initName,
  type ModuleGoldens,
  moduleDifferences,
} from "../../../scripts/parity/torch/modules.ts";

const goldens: ModuleGoldens = JSON.parse(
  readFileSync(new URL("../../goldens/nn.json", import.meta.url), "utf8"),
);
const skip = process.arch !== "x64" && "the recorded bits are those of x86-64";

setNumThreads(1);

describe("each module, from a seed, agrees with Python's to the bit", { skip }, () => {
  for (const golden of goldens.cases)
    test(caseName(golden), () => assert.deepEqual(moduleDifferences(golden, goldens.seed), {}));
});

describe("nn.init draws Python's numbers", { skip }, () => {
  for (const golden of goldens.init)
    test(initName(golden), () => assert.equal(initDifference(golden, goldens.seed), 0));
});

test("calculateGain gives Python's factors", () => {
  for (const [name, gain] of Object.entries(goldens.gains))
    assert.equal(nn.init.calculateGain(name as nn.init.Nonlinearity), gain, name);
});

test("a tree of modules has Python's names, order, initial weights and printed form", () => {
  manualSeed(goldens.seed);
  const shared = new nn.Linear(4, 4);
  const model = new nn.ModuleDict({
    trunk: new nn.Sequential(new nn.Linear(6, 4), new nn.BatchNorm1d(4), new nn.ReLU(), new nn.Dropout(0.25)),
    list: new nn.ModuleList([new nn.ReLU(), new nn.ReLU(), shared, shared]),
    again: shared,
    empty: new nn.Sequential(),
    weights: new nn.ParameterList([new nn.Parameter(zeros([2, 3])), new nn.Parameter(ones([]))]),
    named: new nn.ParameterDict({
      one: new nn.Parameter(zeros([1])),
      two: new nn.Parameter(zeros([2], { dtype: "float64" })),
    }),
  });
  assert.equal(model.toString(), goldens.tree.repr);
  const state = Object.entries(model.stateDict()).map(([name, value]) => [name, encode(value)]);
  assert.deepEqual(state, Object.entries(goldens.tree.stateDict));
  assert.deepEqual(
    model.namedParameters().map(([name]) => name),
    goldens.tree.parameters,
  );
  assert.deepEqual(
    model.namedModules().map(([name]) => name),
    goldens.tree.modules,
  );
});
