import "../torch/plain-kernels.ts";
import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { DictDataLoader, DictDataset } from "../../lib/data/index.ts";
import { MultitaskClassifier, Operation, type Precision, Task } from "../../lib/model/index.ts";
import {
  isAutocastEnabled,
  manualSeed,
  nn,
  randn,
  setNumThreads,
  type Tensor,
  tensor,
} from "../../lib/torch/index.ts";
import { Trainer } from "../../lib/training/index.ts";
import { comparePrecision, type PrecisionGolden } from "../../scripts/parity/torch/precision.ts";
import golden from "../goldens/precision.json" with { type: "json" };

const { runs, ...others } = golden as unknown as PrecisionGolden;

before(() => setNumThreads(1));

// "bf16" follows with the optimizers' master weights.
for (const run of runs) {
  it(`${run.precision} by ${run.optimizer} trains as a plain PyTorch loop, to the bit`, async () => {
    const rows = await comparePrecision({ ...others, runs: [run] });
    assert.equal(rows.length, 3);
    for (const { name, difference, bound } of rows) assert.ok(difference <= bound, `${name}: ${difference}`);
  });
}

/** Three clouds of points, as the penguins' species are, and a second field of whole numbers. */
function clouds(rows: number, split: string): DictDataLoader {
  const labels = tensor(
    Array.from({ length: rows }, (_, i) => i % 3),
    { dtype: "int64" },
  );
  const centres = tensor([
    [0, 0, 1, -1],
    [2.5, 0, -1, 1],
    [0, 2.5, 0, 2],
  ]);
  const measures = randn([rows, 4]).add(centres.indexSelect(0, labels));
  const xDict = { measures, island: labels };
  const dataset = new DictDataset({ name: "clouds", split, xDict, yDict: { species: labels } });
  return new DictDataLoader(dataset, { batchSize: 20, shuffle: split === "train" });
}

function makeModel(forward?: (input: Tensor) => void): MultitaskClassifier {
  class Watch extends nn.Module {
    override forward(input: Tensor): Tensor {
      forward?.(input);
      return input;
    }
  }
  const trunk = new nn.Sequential(new Watch(), new nn.Linear(4, 32), new nn.ReLU(), new nn.Dropout(0.1));
  const task = new Task({
    name: "species",
    modulePool: { trunk, head: new nn.Linear(32, 3) },
    opSequence: [
      new Operation({ moduleName: "trunk", inputs: [["_input_", "measures"]] }),
      new Operation({ moduleName: "head", inputs: ["trunk"] }),
    ],
  });
  return new MultitaskClassifier([task], { device: "cpu" });
}

async function fitted(precision: Precision, forward?: (input: Tensor) => void) {
  manualSeed(0);
  const [train, valid] = [clouds(300, "train"), clouds(1000, "valid")];
  const model = makeModel(forward);
  await new Trainer({ precision, nEpochs: 8, progressBar: false, seed: 1 }).fit(model, [train]);
  return { model, valid, scores: await model.score([valid]) };
}

describe("a model that was trained in", () => {
  const weights = { float32: "float32", float64: "float64", bf16: "bfloat16", "bf16-mixed": "float32" };
  for (const precision of ["float64", "bf16", "bf16-mixed"] as const) {
    it(`${precision} scores as well as in float32, and predicts float32`, async () => {
      const seen = new Set<string>();
      const autocast = new Set<boolean>();
      const { model, valid, scores } = await fitted(precision, (input) => {
        seen.add(input.dtype);
        autocast.add(isAutocastEnabled());
      });
      const inFloat32 = await fitted("float32");
      const [ours, theirs] = [scores, inFloat32.scores].map(
        (all) => all["species/clouds/valid/accuracy"] ?? Number.NaN,
      );
      assert.ok(Math.abs((ours ?? 0) - (theirs ?? 1)) <= 0.01, `${ours} and ${theirs}`);
      assert.ok(model.parameters().every(({ dtype }) => dtype === weights[precision]));
      assert.deepEqual([...seen], [weights[precision]]);
      assert.deepEqual([...autocast], [precision === "bf16-mixed"]);
      const { probs } = await model.predict(valid);
      assert.equal(probs.species?.dtype, "float32");
      assert.equal(isAutocastEnabled(), false);

      seen.clear();
      autocast.clear();
      model.to("float32");
      const again = await model.score([valid]);
      assert.ok(Math.abs((again["species/clouds/valid/accuracy"] ?? 0) - (ours ?? 1)) <= 0.01);
      assert.deepEqual([[...seen], [...autocast]], [["float32"], [false]]);
    });
  }

  it("float32 is left as it was: nothing is cast", async () => {
    const { model } = await fitted("float32");
    const fields = { measures: randn([2, 4], { dtype: "float64" }) };
    assert.throws(() => model.forward(fields, ["species"]), /dtype/);
    model.to("float32");
    assert.throws(() => model.forward(fields, ["species"]), /dtype/);
  });
});

describe("precision", () => {
  it("is one of four", () => {
    assert.throws(() => new Trainer({ precision: "bf17" as Precision }), /precision .*Did you mean "bf16"/);
    assert.throws(() => makeModel().setPrecision("double" as Precision), /precision/);
  });

  it("leaves whole numbers in a batch alone, and reaches labels that are probabilities", async () => {
    const model = makeModel().setPrecision("float64");
    const island = tensor([1n, 2n]);
    const outputs = model.forward({ measures: randn([2, 4]), island }, ["species"]);
    assert.equal((outputs._input_ as { island: Tensor }).island, island);
    assert.equal((outputs.head as Tensor).dtype, "float64");
    const species = tensor([
      [0.5, 0.5, 0],
      [0, 0, 1],
    ]);
    const { lossDict } = model.calculateLoss({ measures: randn([2, 4]) }, { species });
    assert.equal(lossDict.species?.dtype, "float64");
  });

  it("holds for a task that comes later", () => {
    const model = makeModel().setPrecision("bf16");
    const task = new Task({
      name: "later",
      modulePool: { own: new nn.Linear(4, 2) },
      opSequence: [new Operation({ moduleName: "own", inputs: [["_input_", "measures"]] })],
    });
    model.addTask(task);
    assert.ok(model.parameters().every(({ dtype }) => dtype === "bfloat16"));
  });
});
