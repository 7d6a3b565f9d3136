import "../plain-kernels.ts";
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { nn, ones, optim, type Tensor } from "../../../lib/torch/index.ts";
import { type AveragingGolden, compareAveraging } from "../../../scripts/parity/torch/averaging.ts";
import { otherBits } from "./goldens.ts";

const golden: AveragingGolden = JSON.parse(
  readFileSync(new URL("../../goldens/averaging.json", import.meta.url), "utf8"),
);

describe("averages equal PyTorch's to the bit, after each step", { skip: otherBits }, async () => {
  for (const { name, difference, bound } of await compareAveraging(golden)) {
    test(name, () => assert.ok(difference <= bound, `they differ by ${difference}`));
  }
});

/** A layer whose weights are all one value. */
function constantLayer(value: number): nn.Linear {
  const layer = new nn.Linear(2, 1);
  for (const parameter of layer.parameters()) nn.init.constant_(parameter, value);
  return layer;
}

describe("AveragedModel", () => {
  test("runs on the averaged weights of its own copy; the model keeps its own", () => {
    const model = constantLayer(1);
    const averaged = new optim.AveragedModel(model);
    averaged.updateParameters(model);
    for (const parameter of model.parameters()) nn.init.constant_(parameter, 3);
    averaged.updateParameters(model);
    const x = ones([1, 2]);
    assert.equal(averaged.forward(x).item(), 6);
    assert.equal(model.forward(x).item(), 9);
    assert.equal(averaged.nAveraged, 2);
    assert.equal(
      averaged.toString(),
      "AveragedModel(\n  (module): Linear(in_features=2, out_features=1, bias=True)\n)",
    );
  });

  test("goes on from a state dict with PyTorch's names", () => {
    const model = constantLayer(1);
    const first = new optim.AveragedModel(model);
    first.updateParameters(model);
    first.updateParameters(constantLayer(4));
    const second = new optim.AveragedModel(constantLayer(0));
    assert.deepEqual(Object.keys(first.stateDict()), ["n_averaged", "module.weight", "module.bias"]);
    second.loadStateDict(first.stateDict());
    second.updateParameters(constantLayer(7));
    assert.equal(second.nAveraged, 3);
    assert.deepEqual(second.module.bias?.tolist(), [4]);
  });

  test("takes a rule of one's own, for one tensor or for all", () => {
    const largest = (averaged: Tensor, current: Tensor) => averaged.maximum(current);
    const single = new optim.AveragedModel(constantLayer(0), { avgFn: largest });
    const counts: number[] = [];
    const multi = new optim.AveragedModel(constantLayer(0), {
      multiAvgFn: (averaged, current, nAveraged) => {
        counts.push(nAveraged);
        for (const [i, tensor] of averaged.entries()) tensor.copy_(largest(tensor, current[i] as Tensor));
      },
    });
    for (const value of [2, 5, 3]) {
      for (const averaged of [single, multi]) averaged.updateParameters(constantLayer(value));
    }
    assert.deepEqual([single.module.bias?.tolist(), multi.module.bias?.tolist()], [[5], [5]]);
    assert.deepEqual(counts, [1, 2]);
  });

  test("another model is refused before anything is changed", () => {
    const averaged = new optim.AveragedModel(constantLayer(1));
    averaged.updateParameters(constantLayer(1));
    const update = (model: unknown) => () => averaged.updateParameters(model as nn.Module);
    assert.throws(update(new nn.Linear(3, 1)), /as many parameters as were copied, each of the same shape/);
    assert.throws(update(new nn.Linear(2, 1, { bias: false })), /as many parameters/);
    assert.throws(update(constantLayer(1).to("float64")), /as many parameters .* dtype/);
    assert.throws(update("model"), /expected a Module for model/);
    const disposed = constantLayer(3);
    disposed.bias?.dispose();
    assert.throws(update(disposed), /disposed/);
    assert.equal(averaged.nAveraged, 1);
    assert.deepEqual(averaged.module.weight.tolist(), [[1, 1]]);
  });

  test("bad options are refused", () => {
    const make = (options: object) => () => new optim.AveragedModel(constantLayer(1), options);
    assert.throws(make({ useBuffer: true }), /Did you mean "useBuffers"/);
    assert.throws(make({ useBuffers: 1 }), /expected a boolean for useBuffers/);
    assert.throws(make({ avgFn: 0.9 }), /expected a function for avgFn/);
    assert.throws(
      make({ avgFn: optim.getSwaAvgFn(), multiAvgFn: optim.getSwaMultiAvgFn() }),
      /only one of avgFn and multiAvgFn/,
    );
    assert.throws(() => new optim.AveragedModel({} as never), /expected a Module for model/);
    assert.throws(() => optim.getEmaMultiAvgFn(1.5), /at most 1 for decay/);
    assert.throws(() => optim.getEmaAvgFn(-0.1), /at least 0 at most 1 for decay/);
  });
});

describe("updateBn", () => {
  const batches = [ones([4, 2]), ones([4, 2]).mul(3)];

  test("leaves momentum and modes as they were, also when a batch fails", async () => {
    const norm = new nn.BatchNorm1d(2, { momentum: 0.3 });
    const model = new nn.Sequential(norm, new nn.Dropout(0.5)).eval();
    await optim.updateBn(batches, model);
    assert.deepEqual(norm.runningMean?.tolist(), [2, 2]);
    assert.equal(norm.numBatchesTracked?.item(), 2);
    await assert.rejects(optim.updateBn([ones([4, 7])], model));
    assert.equal(norm.momentum, 0.3);
    assert.deepEqual(
      model.modules().map(({ training }) => training),
      [false, false, false],
    );
  });

  test("takes asynchronous batches, and a forward of one's own", async () => {
    async function* stream() {
      for (const x of batches) yield { x };
    }
    const norm = new nn.BatchNorm1d(2);
    await optim.updateBn(stream(), norm, { forward: ({ x }) => norm.forward(x) });
    assert.deepEqual(norm.runningMean?.tolist(), [2, 2]);
  });

  test("asks for no batch where there is no batch norm", async () => {
    const loader: Iterable<Tensor> = {
      [Symbol.iterator]() {
        throw new Error("asked");
      },
    };
    await optim.updateBn(loader, constantLayer(1));
  });

  test("what is no module, and no iterable, is refused", async () => {
    await assert.rejects(optim.updateBn(batches, {} as never), /expected a Module for model/);
    await assert.rejects(
      optim.updateBn(3 as never, constantLayer(1)),
      /an iterable of batches for loader, got 3/,
    );
  });
});

test("batch norm: another momentum counts at once, and copies keep it", () => {
  const norm = new nn.BatchNorm1d(1);
  norm.momentum = 0.5;
  norm.forward(ones([4, 1]).mul(4));
  assert.deepEqual(norm.runningMean?.tolist(), [2]);
  const copy = norm.deepCopy();
  copy.forward(ones([4, 1]).mul(4));
  assert.deepEqual(copy.runningMean?.tolist(), [3]);
  assert.match(copy.toString(), /momentum=0.5/);
  norm.resetRunningStats();
  assert.deepEqual([norm.runningMean?.item(), norm.runningVar?.item()], [0, 1]);
  assert.throws(() => {
    norm.momentum = "high" as never;
  }, /expected a number for momentum/);
  assert.equal(norm.momentum, 0.5);
});
