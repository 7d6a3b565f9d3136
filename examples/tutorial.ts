// Snorkel's multi-task tutorial: is a point in a circle, is a point in a square? Each task has data of its own, and both
// learn on one trunk. Then a third task joins them: is a point outside the circle?
//
//   npm run tutorial -- [--seed 123] [--json]     --json ends with the scores as one JSON object
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
import { inCircle, inSquare, outsideCircle, pointLoaders } from "./data/points.ts";

const { nn } = torch;
const { values } = parseArgs({
  options: { seed: { type: "string", default: "123" }, json: { type: "boolean", default: false } },
});
const seed = Number(values.seed);
const generator = new torch.Generator().manualSeed(seed);

seedEverything(seed);
const trunk = new nn.Sequential(new nn.Linear(2, 8), new nn.ReLU(), new nn.Linear(8, 4), new nn.ReLU());

// Cross-entropy, softmax and accuracy are the defaults of a task.
function shapeTask(shape: string): Task {
  return new Task({
    name: `${shape}_task`,
    modulePool: { base_mlp: trunk, [`${shape}_head`]: new nn.Linear(4, 2) },
    opSequence: [
      new Operation({ name: `${shape}_mlp`, moduleName: "base_mlp", inputs: [["_input_", `${shape}_data`]] }),
      new Operation({ moduleName: `${shape}_head`, inputs: [`${shape}_mlp`] }),
    ],
  });
}

const model = new MultitaskClassifier([shapeTask("circle"), shapeTask("square")]);
const loaders = [
  ...pointLoaders("circle", inCircle, generator),
  ...pointLoaders("square", inSquare, generator),
];
const trainer = new Trainer({ nEpochs: 10, lr: 0.02 });
await trainer.fit(model, loaders);
console.log("Two tasks");
console.table(await model.score(loaders, { asTable: true }));

model.addTask(shapeTask("inv_circle"));
loaders.push(...pointLoaders("inv_circle", outsideCircle, generator));
await trainer.fit(model, loaders);
console.log(`\nThree tasks\n${formatTaskGraph(model)}`);
console.table(await model.score(loaders, { asTable: true }));

if (values.json) console.log(JSON.stringify(await model.score(loaders)));
