// Three tasks on one trunk: the species, the island and the sex of a penguin, from four measures of its body.
//
//   npm run example -- [--seed 1] [--json]        --json ends with the scores as one JSON object
import { parseArgs } from "node:util";
import {
  formatTaskGraph,
  MultitaskClassifier,
  Operation,
  Scorer,
  seedEverything,
  Task,
  Trainer,
  torch,
} from "snorkel-torch";
import { classes, penguinLoaders } from "./data/penguins.ts";

const { nn } = torch;
const { values } = parseArgs({
  options: { seed: { type: "string", default: "1" }, json: { type: "boolean", default: false } },
});
const seed = Number(values.seed);
const loaders = penguinLoaders(new torch.Generator().manualSeed(seed));

seedEverything(seed);
const trunk = new nn.Sequential(new nn.Linear(4, 32), new nn.ReLU(), new nn.Linear(32, 16), new nn.ReLU());
const tasks = Object.entries(classes).map(
  ([name, { length }]) =>
    new Task({
      name,
      modulePool: { trunk, [`${name}_head`]: new nn.Linear(16, length) },
      opSequence: [
        new Operation({ moduleName: "trunk", inputs: [["_input_", "measures"]] }),
        new Operation({ moduleName: `${name}_head`, inputs: ["trunk"] }),
      ],
      scorer: new Scorer({ metrics: ["accuracy", "f1_macro"] }),
    }),
);
const model = new MultitaskClassifier(tasks, { name: "penguins" });
console.log(formatTaskGraph(model));

const trainer = new Trainer({
  nEpochs: 40,
  lr: 0.005,
  logging: true,
  checkpointing: true,
  checkpointerConfig: { checkpointMetric: "sex/penguins/valid/accuracy:max" },
});
const history = await trainer.fit(model, loaders);
console.log(
  `\nTrained on ${history.batches} batches. Logs are in logs/, the best model is in checkpoints/\n`,
);

console.table(await model.score(loaders, { asTable: true }));
if (values.json) console.log(JSON.stringify(await model.score(loaders)));
