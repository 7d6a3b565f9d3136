// This package.
//
//   tsx snorkel-torch.ts FILE [--device cpu] [--eager]      --eager: every step through JavaScript
import { monitorEventLoopDelay } from "node:perf_hooks";
import { parseArgs } from "node:util";
import {
  DictDataLoader,
  DictDataset,
  MultitaskClassifier,
  Operation,
  RaggedField,
  seedEverything,
  Task,
  Trainer,
  type TrainerOptions,
  torch,
} from "snorkel-torch";
import type { EventLoopDelay, Reply, Request } from "../reply.ts";
import { type Examples, stepsOf, type WorkloadFile } from "../workload.ts";
import { serve } from "./serve.ts";
import { makeTrunk } from "./trunk.ts";

const { positionals, values: options } = parseArgs({
  allowPositionals: true,
  options: { device: { type: "string", default: "cpu" }, eager: { type: "boolean", default: false } },
});
// Batches are gathered where the data lie.
const workload = (await torch.load(positionals[0] ?? "", { mapLocation: options.device })) as WorkloadFile;
torch.setNumThreads(workload.threads);
const { batchSize, epochs, lr, gradClip } = workload;

seedEverything(0);
const model = makeModel();
const initialWeights = torch.scope(() =>
  Object.fromEntries(
    Object.entries(model.stateDict()).map(([name, value]) => [name, torch.keep(value.clone())]),
  ),
);
const datasets = workload.datasets.map(({ name }) => makeDataset(name, workload.data[name] as Examples));
const loaders = datasets.map((dataset) => new DictDataLoader(dataset, { batchSize, shuffle: true }));
const trainerOptions: TrainerOptions = {
  nEpochs: epochs,
  lr,
  gradClip,
  seed: 0,
  progressBar: false,
  stepPrograms: !options.eager,
};

await serve(async ({ watchEventLoop = false }: Request): Promise<Reply> => {
  model.loadStateDict(initialWeights);
  const initialLoss = lossOfModel();
  const trainer = new Trainer(trainerOptions);
  const delay = watchEventLoop ? monitorEventLoopDelay({ resolution: 1 }) : null;
  delay?.enable();
  const start = performance.now();
  await trainer.fit(model, loaders);
  const seconds = (performance.now() - start) / 1000;
  delay?.disable();
  const milliseconds = (nanoseconds: number) => nanoseconds / 1e6;
  const eventLoopDelay: EventLoopDelay | undefined = delay
    ? {
        p50: milliseconds(delay.percentile(50)),
        p99: milliseconds(delay.percentile(99)),
        max: milliseconds(delay.max),
      }
    : undefined;
  return { seconds, steps: stepsOf(workload), initialLoss, finalLoss: lossOfModel(), eventLoopDelay };
});

function makeModel(): MultitaskClassifier {
  const trunk = makeTrunk(workload.trunk);
  const tasks = Object.entries(workload.tasks).map(
    ([name, classes]) =>
      new Task({
        name,
        modulePool: { trunk, [`${name}_head`]: new torch.nn.Linear(workload.width, classes) },
        opSequence: [
          new Operation({ moduleName: "trunk", inputs: [["_input_", "x"]] }),
          new Operation({ moduleName: `${name}_head`, inputs: ["trunk"] }),
        ],
      }),
  );
  return new MultitaskClassifier(tasks, { device: options.device });
}

function makeDataset(name: string, { x, values, offsets, labels }: Examples): DictDataset {
  const field =
    values && offsets
      ? new RaggedField(values, offsets.toTypedArray() as Int32Array, { padToMultipleOf: 16 })
      : (x as torch.Tensor);
  return new DictDataset({ name, split: "train", xDict: { x: field }, yDict: labels });
}

/** Over the first examples of every dataset, the sum over tasks. */
function lossOfModel(): number {
  model.eval();
  return torch.noGrad(() =>
    torch.scope(() => {
      const losses = datasets.flatMap((dataset) => {
        const [batch] = new DictDataLoader(dataset, { batchSize: 512 });
        return Object.values(model.calculateLoss(batch?.xDict ?? {}, batch?.yDict ?? {}).lossDict);
      });
      return losses.reduce((sum, loss) => sum + Number(loss.item()), 0);
    }),
  );
}
