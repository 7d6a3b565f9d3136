import assert from "node:assert/strict";
import { mkdtempSync, readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { before, describe, test } from "node:test";
import { DictDataLoader, type DictDataset } from "../../lib/data/index.ts";
import { crossEntropyWithProbs, MultitaskClassifier } from "../../lib/model/index.ts";
import { Scorer, type SliceMembership } from "../../lib/scoring/index.ts";
import { addSliceLabels, convertToSliceTasks, SliceAwareClassifier } from "../../lib/slicing/index.ts";
import { nn, rand, setNumThreads, stack, type Tensor } from "../../lib/torch/index.ts";
import { Trainer } from "../../lib/training/index.ts";
import { assertSameBothWays } from "../training/both-ways.ts";
import { everyOf, pointsDataset, pointsTask } from "./models.ts";

const rows = 37; // the last batch is smaller
const hidden = 6;
const slices = ["third", "seldom"];

before(() => setNumThreads(1));

/** Rows of the first slice are in most batches, rows of the second in few. */
function membership(): SliceMembership {
  const votes = everyOf(15, rows);
  votes[3] = -1;
  return { third: everyOf(3, rows), seldom: votes };
}

const trunk = () => new nn.Sequential(new nn.Linear(2, hidden), new nn.ReLU(), new nn.Dropout(0.2));

function modelOf(options: object = {}): SliceAwareClassifier {
  const named = { sliceNames: slices, inputDataKey: "points", taskName: "above", device: "cpu" };
  return new SliceAwareClassifier({ baseArchitecture: trunk(), headDim: hidden, ...named, ...options });
}

/** A loader of each split, with the labels of the slices of some tasks. */
function loadersOf(tasks: readonly string[], change?: (dataset: DictDataset) => void): DictDataLoader[] {
  return ["train", "valid"].map((split) => {
    const dataset = pointsDataset(tasks, rows, split);
    change?.(dataset);
    const loader = new DictDataLoader(dataset, { batchSize: 8, shuffle: split === "train" });
    for (const name of tasks) addSliceLabels(loader, pointsTask(name), membership());
    return loader;
  });
}

/** Makes labels soft: [rows, 2]. */
function soften(dataset: DictDataset): void {
  const positive = dataset.yDict.above?.mul(0.8).add(0.1) as Tensor;
  dataset.yDict.above = stack([positive.neg().add(1), positive], 1);
}

describe("a slice-aware model trains by programs, and as without, to the bit:", () => {
  for (const implementation of ["fused", "foreach"] as const) {
    test(`two classes, ${implementation}`, async () => {
      const options = { optimizerConfig: { implementation }, l2: 0.01, nEpochs: 8 };
      const loaders = () => loadersOf(["above"]);
      const { warnings } = await assertSameBothWays({ model: modelOf, loaders, options });
      assert.deepEqual(warnings, []);
    });
  }

  test("three classes", async () => {
    const model = () => modelOf({ nClasses: 3, temperature: 0.5 });
    const classes = (dataset: DictDataset) => {
      dataset.yDict.above = rand([rows]).mul(3).floor().to("int64");
    };
    const loaders = () => loadersOf(["above"], classes);
    const { warnings } = await assertSameBothWays({ model, loaders });
    assert.deepEqual(warnings, []);
  });

  test("labels that are probabilities", async () => {
    const model = () => modelOf({ lossFunc: crossEntropyWithProbs, scorer: new Scorer() });
    const loaders = () => loadersOf(["above"], soften);
    const { warnings } = await assertSameBothWays({ model, loaders });
    assert.deepEqual(warnings, []);
  });

  test("two sliced tasks on one trunk", async () => {
    const model = () => {
      const shared = trunk();
      const tasks = ["first", "second"].map((name) => pointsTask(name, { trunk: shared }));
      const sliced = tasks.flatMap((task) => convertToSliceTasks(task, slices));
      return new MultitaskClassifier(sliced, { device: "cpu" });
    };
    const loaders = () => loadersOf(["first", "second"]);
    const { warnings } = await assertSameBothWays({ model, loaders });
    assert.deepEqual(warnings, []);
  });
});

test("soft labels train the task and its slices by the base task's loss", async () => {
  const model = modelOf({ lossFunc: crossEntropyWithProbs, scorer: new Scorer() }).eval();
  const [loader] = loadersOf(["above"], soften);
  const { xDict, yDict } = (loader as DictDataLoader).dataset;
  const { lossDict, countDict } = model.calculateLoss(xDict, yDict);
  const outputs = model.forward(xDict, model.taskNames);
  for (const [label, head] of [
    ["above", "above_master_head"],
    ["above_slice:third_pred", "above_slice:third_pred_head"],
  ] as const) {
    const inside = (yDict[label] as Tensor).select(1, 0).ne(-1).nonzero().squeeze(1);
    const [output, target] = [outputs[head] as Tensor, yDict[label] as Tensor].map((t) =>
      t.indexSelect(0, inside),
    );
    const expected = crossEntropyWithProbs(output as Tensor, target as Tensor).item() as number;
    assert.ok(Math.abs((lossDict[label]?.item() as number) - expected) < 1e-6, label);
    assert.equal(countDict[label], inside.size(0));
  }
});

test("a slice's metric chooses the best model", async () => {
  const checkpointDir = mkdtempSync(join(tmpdir(), "slices-"));
  const metric = "above_slice:third_pred/data/valid/accuracy";
  const trainer = new Trainer({
    progressBar: false,
    nEpochs: 3,
    checkpointing: true,
    checkpointerConfig: { checkpointDir, checkpointMetric: `${metric}:max` },
  });
  await trainer.fit(modelOf(), loadersOf(["above"]));
  assert.ok(metric in trainer.metrics);
  const [file, ...others] = readdirSync(checkpointDir);
  assert.match(file ?? "", /^best_model_above_slice:third_pred_data_valid_accuracy/);
  assert.deepEqual(others, []);
});
