// A tiny training, which ends with what it came to as one line of JSON.
import {
  DictDataLoader,
  DictDataset,
  MultitaskClassifier,
  Operation,
  Task,
  Trainer,
  torch,
} from "snorkel-torch";

function points(count: number, split: string): DictDataset {
  const x = torch.rand([count, 2]).mul(2).sub(1);
  return new DictDataset({
    name: "points",
    split,
    xDict: { xy: x },
    yDict: { upper: x.select(1, 1).gt(0).to("int64") },
  });
}

async function train(): Promise<void> {
  torch.setNumThreads(1);
  torch.manualSeed(0);
  const head = new torch.nn.Linear(2, 2);
  const task = new Task({
    name: "upper",
    modulePool: { head },
    opSequence: [new Operation({ moduleName: "head", inputs: [["_input_", "xy"]] })],
  });
  const model = new MultitaskClassifier([task], { device: process.env.DEVICE ?? "cpu" });
  const loader = new DictDataLoader(points(256, "train"), { batchSize: 32, shuffle: true });
  await new Trainer({ nEpochs: 5, lr: 0.1, seed: 0, progressBar: false }).fit(model, [loader]);
  const scores = await model.score([loader]);
  console.log(JSON.stringify({ libTorch: torch.version, scores, weight: head.weight.tolist() }));
}

train().catch((error: Error) => {
  console.error(`${error.name}: ${error.message}`);
  process.exitCode = 1;
});
