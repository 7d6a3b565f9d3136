import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import {
  getRngState,
  manualSeed,
  nn,
  ones,
  randn,
  type Tensor,
  tensor,
  zeros,
} from "../../../lib/torch/index.ts";
import { makeModule } from "../../../scripts/parity/torch/modules.ts";

const goldens: { cases: { case: [name: string, args: unknown[]] }[] } = JSON.parse(
  readFileSync(new URL("../../goldens/nn.json", import.meta.url), "utf8"),
);

function values(module: nn.Module): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(module.stateDict()).map(([name, value]) => [name, value.tolist()]),
  );
}

describe("Module.deepCopy", () => {
  for (const { case: given } of goldens.cases) {
    const [name, args] = given;
    test(`copies ${name}(${JSON.stringify(args).slice(1, -1)})`, () => {
      const module = makeModule(name, args).eval();
      const copy = module.deepCopy();
      assert.equal(copy.constructor, module.constructor);
      assert.equal(copy.toString(), module.toString());
      assert.deepEqual(values(copy), values(module));
      assert.equal(copy.training, false);
      assert.deepEqual(Object.keys(copy), Object.keys(module));
    });
  }

  const runs: [module: nn.Module, input: Tensor][] = [
    [new nn.Conv2d(4, 2, 3, { padding: 1, paddingMode: "circular" }), randn([2, 4, 5, 6])],
    [new nn.ConvTranspose1d(4, 2, 3), randn([2, 4, 5])],
    [new nn.MaxPool2d(2), randn([2, 4, 5, 6])],
    [new nn.AdaptiveAvgPool2d([2, null]), randn([2, 4, 5, 6])],
    [new nn.ZeroPad2d(1), randn([2, 4, 5, 6])],
    [new nn.BatchNorm1d(6).to("float64"), randn([4, 6]).double()],
    [new nn.EmbeddingBag(7, 3, { mode: "sum" }), tensor([[1n, 6n]])],
    [new nn.TransformerEncoder(new nn.TransformerEncoderLayer(4, 2), 2), randn([3, 1, 4])],
  ];
  for (const [module, input] of runs) {
    test(`runs the copy of ${module.constructor.name}`, () => {
      const copy = module.eval().deepCopy();
      assert.deepEqual((copy.forward(input) as Tensor).tolist(), (module.forward(input) as Tensor).tolist());
    });
  }

  test("runs the copy of a recurrent module", () => {
    const lstm = new nn.LSTM(3, 2, { bidirectional: true });
    const run = (module: nn.LSTM) => module.forward(ones([4, 1, 3]))[0].tolist();
    assert.deepEqual(run(lstm.deepCopy()), run(lstm));
  });

  test("copies losses with their weights, and containers", () => {
    const loss = new nn.CrossEntropyLoss({ weight: tensor([1, 2]), labelSmoothing: 0.1 });
    const copy = loss.deepCopy();
    nn.init.zeros_(Reflect.get(loss, "weight"));
    assert.deepEqual(copy.stateDict().weight?.tolist(), [1, 2]);
    assert.deepEqual(copy.options.labelSmoothing, 0.1);
    const dict = new nn.ModuleDict({ list: new nn.ModuleList([new nn.Linear(2, 2)]) });
    assert.deepEqual(values(dict.deepCopy()), values(dict));
  });

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
