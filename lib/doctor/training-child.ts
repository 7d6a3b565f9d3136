// A child process that trains two small tasks, and tells how that went.
import {
  DictDataLoader,
  DictDataset,
  MultitaskClassifier,
  Operation,
  Task,
  Trainer,
  torch,
} from "../index.ts";

const { nn } = torch;
const nEpochs = 20;
const threads = torch.getNumThreads();
// On a busy machine several threads would wait for one another, and steps this small are no faster with them.
torch.setNumThreads(1);

torch.manualSeed(0);
const xy = torch.rand([512, 2]).mul(2).sub(1);
const yDict = { circle: xy.square().sum(1).lt(0.5).to("int64"), upper: xy.select(1, 1).gt(0).to("int64") };
const loader = new DictDataLoader(new DictDataset({ name: "points", split: "train", xDict: { xy }, yDict }), {
  batchSize: 64,
  shuffle: true,
});
const trunk = new nn.Sequential(new nn.Linear(2, 16), new nn.ReLU());
const tasks = Object.keys(yDict).map(
  (name) =>
    new Task({
      name,
      modulePool: { trunk, [`${name}_head`]: new nn.Linear(16, 2) },
      opSequence: [
        new Operation({ moduleName: "trunk", inputs: [["_input_", "xy"]] }),
        new Operation({ moduleName: `${name}_head`, inputs: ["trunk"] }),
      ],
    }),
);
const model = new MultitaskClassifier(tasks);
const before = await model.score([loader]);
const start = performance.now();
await new Trainer({ nEpochs, lr: 0.05, seed: 0, progressBar: false }).fit(model, [loader]);
const milliseconds = performance.now() - start;
const after = await model.score([loader]);
process.send?.({
  version: torch.version,
  threads,
  cudaDevices: torch.cuda.deviceCount(),
  cudaReason: torch.cuda.unavailableReason() ?? null,
  device: model.device,
  milliseconds,
  steps: nEpochs * loader.length,
  before,
  after,
});
process.disconnect();
