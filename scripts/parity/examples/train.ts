import {
  DictDataLoader,
  MultitaskClassifier,
  Operation,
  seedEverything,
  Task,
  Trainer,
  torch,
} from "snorkel-torch";
import type { ParityCase, Stage } from "./cases.ts";
import type { Workload } from "./workloads.ts";

const { nn } = torch;

export type Implementation = "foreach" | "fused";

/** What a run gives, here and in Python. */
export interface Outcome {
  /** The losses of each batch by label, and the rate that the batch was trained at; null where it is not known. */
  batches: { losses: Record<string, number>; rate: number | null }[];
  /** The scores of the trained model on every split. */
  scores: Record<string, number>;
  weights: Record<string, torch.Tensor>;
}

/** Trains a case as train.py does. */
export async function train(
  parityCase: ParityCase,
  workload: Workload,
  initialWeights: Record<string, torch.Tensor>,
  implementation: Implementation,
): Promise<Outcome> {
  const { seed, start, fit } = parityCase;
  seedEverything(seed);
  const trunk = makeTrunk(workload);
  const tasks = fit.tasks.map((task) => makeTask(trunk, workload.trunk.at(-1) ?? 0, task));
  const model = new MultitaskClassifier(tasks, { device: "cpu" });
  if (start === "given") {
    model.loadStateDict(initialWeights);
    seedEverything(seed);
  }
  const loaders = loadersOf(fit, workload);
  const given = loaders.filter((loader) => fit.validate || loader.dataset.split === "train");
  const trainer = new Trainer({ ...fit.trainer, optimizerConfig: { implementation } });
  const { evaluations } = await trainer.fit(model, given);
  const batches = evaluations.map(({ losses }, batch) => ({
    losses: byLabel(losses),
    // A history tells the rate of the next batch.
    rate: evaluations[batch - 1]?.learningRate ?? null,
  }));
  return { batches, scores: await model.score(loaders), weights: model.stateDict() };
}

function makeTrunk({ trunk, dropout }: Workload): torch.nn.Sequential {
  const layers = trunk
    .slice(1)
    .flatMap((outputs, i) => [new nn.Linear(trunk[i] ?? 0, outputs), new nn.ReLU()] as torch.nn.Module[]);
  return new nn.Sequential(...layers, ...(dropout > 0 ? [new nn.Dropout(dropout)] : []));
}

function makeTask(
  trunk: torch.nn.Module,
  width: number,
  { name, field, classes }: Stage["tasks"][number],
): Task {
  const head = `${name}_head`;
  return new Task({
    name,
    modulePool: { base_mlp: trunk, [head]: new nn.Linear(width, classes) },
    opSequence: [
      new Operation({ name: `${field}_mlp`, moduleName: "base_mlp", inputs: [["_input_", field]] }),
      new Operation({ moduleName: head, inputs: [`${field}_mlp`] }),
    ],
  });
}

function loadersOf({ datasets, shuffle }: Stage, { loaders }: Workload): DictDataLoader[] {
  return loaders
    .filter(({ dataset }) => datasets.includes(dataset.name))
    .map(
      ({ dataset, batchSize }) =>
        new DictDataLoader(dataset, {
          batchSize: batchSize ?? 1,
          shuffle: shuffle && dataset.split === "train",
        }),
    );
}

/** The losses of one batch, `label/dataset/split/loss`, by label alone. */
function byLabel(losses: Record<string, number>): Record<string, number> {
  const ofLabels = Object.entries(losses).filter(([name]) => !name.startsWith("model/"));
  return Object.fromEntries(ofLabels.map(([name, loss]) => [name.split("/")[0] ?? name, loss]));
}
