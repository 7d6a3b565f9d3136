import "../torch/plain-kernels.ts";
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { MultitaskClassifier } from "../../lib/model/index.ts";
import { nn, setNumThreads, tensor } from "../../lib/torch/index.ts";
import { type ParamGroupConfig, Trainer } from "../../lib/training/index.ts";
import { compareParamGroups, type ParamGroupGoldens } from "../../scripts/parity/torch/param-groups.ts";
import { linearTask, pointsLoader, twoTaskModel } from "../model/models.ts";
import { otherBits } from "../torch/optim/goldens.ts";

const golden = readFileSync(new URL("../goldens/param_groups.json", import.meta.url), "utf8");
const tasks = ["first", "second"];
const fit = (model: MultitaskClassifier, paramGroups: ParamGroupConfig[], others: object = {}) =>
  new Trainer({ progressBar: false, lr: 0.05, ...others, paramGroups }).fit(model, [pointsLoader(tasks)]);
const weightsOf = (model: MultitaskClassifier) =>
  Object.fromEntries(Object.entries(model.stateDict()).map(([name, weight]) => [name, weight.tolist()]));

describe("training in groups equals PyTorch's loop to the bit", { skip: otherBits }, async () => {
  setNumThreads(1);
  for (const { name, difference, bound } of await compareParamGroups(
    JSON.parse(golden) as ParamGroupGoldens,
  )) {
    test(name, () => assert(difference <= bound, `${difference}`));
  }
});

test("a frozen group stays as it is, gets no gradients, and can be trained afterwards", async () => {
  const model = twoTaskModel();
  const before = weightsOf(model);
  await fit(model, [{ modules: ["trunk"], frozen: true }]);
  const after = weightsOf(model);
  for (const [name, weight] of Object.entries(before)) {
    const isSame = JSON.stringify(after[name]) === JSON.stringify(weight);
    assert.equal(isSame, name.startsWith("module_pool.trunk."), name);
  }
  for (const parameter of model.parameters()) {
    assert.equal(parameter.requiresGrad, true);
    assert.equal(parameter.grad, null);
  }
});

test("a parameter is thawed when training stops by an error, and one that the user froze stays frozen", async () => {
  const model = twoTaskModel();
  const [weight, bias] = model.modulePool.get("trunk")?.parameters() ?? [];
  assert(weight !== undefined && bias !== undefined);
  bias.requiresGrad = false;
  model.modulePool.get("first_head")?.loadStateDict({
    weight: tensor([
      [Number.NaN, 0, 0, 0],
      [0, 0, 0, 0],
    ]),
    bias: tensor([0, 0]),
  });
  await assert.rejects(fit(model, [{ modules: ["trunk"], frozen: true }]), /the loss of "first" is NaN/);
  assert.deepEqual([weight.requiresGrad, bias.requiresGrad], [true, false]);
});

test("names may reach into modules, and every parameter of a rate of 0 stays", async () => {
  const trunk = new nn.Sequential(new nn.Linear(2, 4), new nn.Linear(4, 4));
  const model = new MultitaskClassifier(
    tasks.map((name) => linearTask(name, { trunk })),
    { device: "cpu" },
  );
  const before = weightsOf(model);
  await fit(model, [{ modules: ["trunk.1", "second_head.bias"], lr: 0 }]);
  const after = weightsOf(model);
  const changed = Object.keys(before).filter(
    (name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]),
  );
  assert.deepEqual(
    changed,
    ["trunk.0.weight", "trunk.0.bias", "first_head.weight", "first_head.bias", "second_head.weight"].map(
      (name) => `module_pool.${name}`,
    ),
  );
});

test("the history's rate is that of the parameters without a group", async () => {
  const { evaluations } = await fit(twoTaskModel(), [{ modules: ["trunk"], lr: 0.5 }]);
  assert.equal(evaluations[0]?.learningRate, 0.05);
});

test("a name that matches nothing, and a parameter of two groups, are refused before anything changes", async () => {
  const model = twoTaskModel();
  const before = weightsOf(model);
  await assert.rejects(
    fit(model, [{ modules: ["trunk", "first_hed"] }]),
    /\[Trainer\.fit\] expected paramGroups\[0\]\.modules\[1\] to be one of .*Did you mean "first_head"/,
  );
  await assert.rejects(fit(model, [{ modules: ["trun"] }]), /Did you mean "trunk"/);
  await assert.rejects(
    fit(model, [{ modules: ["trunk"] }, { modules: ["first_head", "trunk.bias"] }]),
    /expected one group for parameter "trunk\.bias", got paramGroups\[0\] and paramGroups\[1\]/,
  );
  await assert.rejects(
    fit(model, [{ modules: ["trunk", "first_head", "second_head"], frozen: true }]),
    /at least one parameter/,
  );
  assert.deepEqual(weightsOf(model), before);
  assert(model.parameters().every((parameter) => parameter.requiresGrad));
});

test("the settings of groups are checked at construction", () => {
  const failing = (paramGroups: unknown, pattern: RegExp) =>
    assert.throws(() => new Trainer({ paramGroups } as never), { name: "TypeError", message: pattern });
  failing({}, /^\[Trainer\] expected an array of groups for paramGroups/);
  failing([3], /^\[Trainer\.paramGroups\[0\]\] expected a plain object/);
  failing([{}], /^\[Trainer\.paramGroups\[0\]\] expected names of modules for modules, got undefined/);
  failing([{ modules: [] }], /for modules, got an array of 0/);
  failing([{ modules: "trunk" }], /expected names of modules for modules, got "trunk"/);
  failing([{ modules: ["trunk"], lr: -1 }], /for lr, got -1/);
  failing([{ modules: ["trunk"], l2: Number.NaN }], /for l2, got NaN/);
  failing([{ modules: ["trunk"], frozen: 1 }], /expected a boolean for frozen/);
  failing([{ modules: ["trunk"], weightDecay: 1 }], /Did you mean/);
});
