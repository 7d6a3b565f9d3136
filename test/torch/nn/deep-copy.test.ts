import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { getRngState, manualSeed, nn, ones, type Tensor, zeros } from "../../../lib/torch/index.ts";

const goldens: { cases: { case: [string, unknown[]] }[] } = JSON.parse(
  readFileSync(new URL("../../goldens/nn.json", import.meta.url), "utf8"),
);

/** A case's arguments; weights are ones. */
function revive(value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  if ("tensor" in value) return ones([3]);
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, revive(field)]));
}

function values(module: nn.Module): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(module.stateDict()).map(([name, value]) => [name, value.tolist()]),
  );
}

describe("Module.deepCopy", () => {
  for (const { case: given } of goldens.cases) {
    const [name, args] = given;
    test(`copies ${name}(${JSON.stringify(args).slice(1, -1)})`, () => {
      const ModuleClass = (nn as unknown as Record<string, new (...args: unknown[]) => nn.Module>)[name];
      assert.ok(ModuleClass);
      const module = new ModuleClass(...args.map(revive)).eval();
      const copy = module.deepCopy();
      assert.ok(copy instanceof ModuleClass);
      assert.equal(copy.toString(), module.toString());
      assert.deepEqual(values(copy), values(module));
      assert.equal(copy.training, false);
      assert.deepEqual(Object.keys(copy), Object.keys(module));
    });
  }

  test("gives weights of its own, that run and learn by themselves", () => {
    const module = new nn.Sequential(new nn.Linear(3, 2), new nn.BatchNorm1d(2));
    module.parameters()[0]?.requiresGrad_(false);
    const copy = module.deepCopy();
    const before = values(module);
    assert.deepEqual(
      copy.parameters().map((parameter) => parameter.requiresGrad),
      [false, true, true, true],
    );
    copy
      .forward(ones([2, 3]))
      .sum()
      .backward();
    for (const parameter of copy.parameters()) nn.init.zeros_(parameter);
    assert.deepEqual(copy.forward(ones([2, 3])).tolist(), zeros([2, 2]).tolist());
    assert.deepEqual(values(module), before);
    assert.ok(module.parameters().every((parameter) => parameter.grad === null));
  });

  test("leaves gradients behind and draws nothing", () => {
    const linear = new nn.Linear(2, 2);
    linear
      .forward(ones([1, 2]))
      .sum()
      .backward();
    manualSeed(3);
    const before = getRngState().tolist();
    assert.equal(linear.deepCopy().weight.grad, null);
    assert.deepEqual(getRngState().tolist(), before);
  });

  class Mine extends nn.Module {
    readonly layers = [new nn.Linear(2, 2)];
    readonly first = this.layers[0] as nn.Linear;
    readonly tied = new nn.Linear(2, 2);
    readonly scale = new nn.Parameter(ones([2]));
    readonly settings = { gain: 2, activation: nn.functional.relu };
    readonly self = this;

    constructor() {
      super();
      this.tied.weight = this.first.weight;
      this.registerBuffer("mask", ones([2]), { persistent: false });
    }

    override forward(x: Tensor): Tensor {
      return this.settings.activation(this.tied.forward(this.first.forward(x)).mul(this.scale));
    }
  }

  test("keeps what is shared inside shared: tied weights, arrays, cycles", () => {
    const module = new Mine();
    const copy = module.deepCopy();
    assert.equal(copy.tied.weight, copy.first.weight);
    assert.notEqual(copy.tied.weight, module.tied.weight);
    assert.equal(copy.layers[0], copy.first);
    assert.equal(copy.self, copy);
    assert.notEqual(copy.settings, module.settings);
    assert.equal(copy.settings.activation, nn.functional.relu);
    assert.deepEqual(Object.keys(copy.stateDict()), Object.keys(module.stateDict()));
    assert.equal(copy.namedBuffers().length, 1);
    assert.deepEqual(copy.forward(ones([1, 2])).tolist(), module.forward(ones([1, 2])).tolist());
  });
});
