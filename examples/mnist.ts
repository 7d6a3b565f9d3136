// Three questions about a handwritten digit, on one small convolutional trunk: which is it, is it odd, is it at least five?
//
//   npm run example:mnist -- [--seed 1] [--epochs 3] [--json]      --json ends with the scores as one JSON object
import { parseArgs } from "node:util";
import {
  formatTaskGraph,
  MultitaskClassifier,
  Operation,
  seedEverything,
  Task,
  Trainer,
  torch,
} from "snorkel-torch";
import { mnistLoaders } from "./data/mnist.ts";

const { nn } = torch;
const { values } = parseArgs({
  options: {
    seed: { type: "string", default: "1" },
    epochs: { type: "string", default: "3" },
    json: { type: "boolean", default: false },
  },
});
const classes = { digit: 10, odd: 2, at_least_five: 2 };
const loaders = mnistLoaders();

seedEverything(Number(values.seed));
const trunk = new nn.Sequential(
  new nn.Conv2d(1, 16, 3, { padding: 1 }),
  new nn.ReLU(),
  new nn.MaxPool2d(2),
  new nn.Conv2d(16, 32, 3, { padding: 1 }),
  new nn.ReLU(),
  new nn.MaxPool2d(2),
  new nn.Flatten(),
  new nn.Linear(32 * 7 * 7, 64),
  new nn.ReLU(),
);
const tasks = Object.entries(classes).map(
  ([name, count]) =>
    new Task({
      name,
      modulePool: { trunk, [`${name}_head`]: new nn.Linear(64, count) },
      opSequence: [
        new Operation({ moduleName: "trunk", inputs: [["_input_", "image"]] }),
        new Operation({ moduleName: `${name}_head`, inputs: ["trunk"] }),
      ],
    }),
);
const model = new MultitaskClassifier(tasks, { name: "mnist" });
console.log(formatTaskGraph(model));

const trainer = new Trainer({ nEpochs: Number(values.epochs), lr: 0.002, lrScheduler: "linear" });
const start = performance.now();
const history = await trainer.fit(model, loaders);
const seconds = (performance.now() - start) / 1000;
console.log(`\nTrained on ${history.batches} batches in ${seconds.toFixed(1)} s\n`);

console.table(await model.score(loaders, { asTable: true }));
if (values.json) console.log(JSON.stringify(await model.score(loaders)));
