import {
  type CustomMetric,
  crossEntropyWithProbs,
  DictDataLoader,
  DictDataset,
  type MetricName,
  MultitaskClassifier,
  Operation,
  Scorer,
  Task,
  type TaskOptions,
  torch,
} from "snorkel-torch";
import type { LossName, ParityCase, TaskDescription, TrunkDescription } from "./case.ts";
import type { LoaderData } from "./data.ts";

const { nn } = torch;
const { functional } = nn;

/** The model of a case with initial weights as the generator gives them: trunks first, then the heads. */
export function buildModel({ trunks, tasks }: ParityCase): MultitaskClassifier {
  const modules = trunks.map(buildTrunk);
  return new MultitaskClassifier(
    tasks.map((task) => {
      const trunk = trunks[task.trunk] as TrunkDescription;
      return buildTask(task, modules[task.trunk] as torch.nn.Module, trunk.field, trunk.sizes.at(-1) ?? 0);
    }),
    { device: "cpu" },
  );
}

export function buildTrunk({
  sizes,
  activation,
  norm,
  dropout,
  isFrozen,
}: TrunkDescription): torch.nn.Module {
  const layers: torch.nn.Module[] = sizes.slice(1).flatMap((outputs, i) => [
    // The gradient of a bias in front of batch normalization is rounding alone, of which Adam makes whole steps.
    new nn.Linear(sizes[i] ?? 0, outputs, { bias: norm !== "batch" }),
    ...{ none: [], batch: [new nn.BatchNorm1d(outputs)], layer: [new nn.LayerNorm([outputs])] }[norm],
    { relu: new nn.ReLU(), tanh: new nn.Tanh(), gelu: new nn.GELU() }[activation],
  ]);
  if (dropout > 0) layers.push(new nn.Dropout(dropout));
  const trunk = new nn.Sequential(...layers);
  if (isFrozen) for (const parameter of trunk.parameters()) parameter.requiresGrad = false;
  return trunk;
}

/** A head over one of all outputs. */
class HeadOverOutputs extends nn.Module {
  readonly head: torch.nn.Linear;
  readonly #input: string;

  constructor(input: string, width: number, classes: number) {
    super();
    this.#input = input;
    this.head = new nn.Linear(width, classes);
  }

  override forward(outputs: Record<string, torch.Tensor>): torch.Tensor {
    return this.head.forward(outputs[this.#input] as torch.Tensor) as torch.Tensor;
  }
}

function buildTask(task: TaskDescription, trunk: torch.nn.Module, field: string, width: number): Task {
  const { name, takesAllOutputs, classes } = task;
  const trunkName = `trunk${task.trunk}`;
  const head = takesAllOutputs
    ? new HeadOverOutputs(trunkName, width, classes)
    : new nn.Linear(width, classes);
  return new Task({
    name,
    modulePool: { [trunkName]: trunk, [`${name}_head`]: head },
    opSequence: [
      new Operation({ moduleName: trunkName, inputs: [["_input_", field]] }),
      new Operation({ moduleName: `${name}_head`, inputs: takesAllOutputs ? [] : [trunkName] }),
    ],
    scorer: buildScorer(task),
    ...lossOptions(task.loss, classes),
  });
}

export function buildScorer({ metrics, customMetrics }: TaskDescription): Scorer {
  return new Scorer({
    metrics: metrics as MetricName[],
    customMetricFuncs: Object.fromEntries(customMetrics.map((name) => [name, custom[name] as CustomMetric])),
  });
}

const custom: Record<string, CustomMetric> = {
  hits: (golds: number[], preds: number[]) => {
    const hits = Array.from(golds).filter((gold, i) => gold === preds[i]).length;
    return { hits, rows: golds.length };
  },
  distance: (golds: number[][], _: number[], probs: number[][]) =>
    Math.max(
      ...golds.flatMap((row, i) =>
        Array.from(row, (gold, c) => Math.abs(gold - (probs[i]?.[c] ?? Number.NaN))),
      ),
    ),
};

function lossOptions(loss: LossName, classes: number): Pick<TaskOptions, "lossFunc" | "outputFunc"> {
  switch (loss) {
    case "crossEntropy":
      return {};
    case "weighted": {
      const weight = torch.tensor(Array.from({ length: classes }, (_, i) => i + 1));
      return { lossFunc: (output, labels) => functional.crossEntropy(output, labels, { weight }) };
    }
    case "smoothed":
      return { lossFunc: new nn.CrossEntropyLoss({ labelSmoothing: 0.1 }) };
    case "ofRows":
      return { lossFunc: (output, labels) => functional.crossEntropy(output, labels, { reduction: "none" }) };
    case "withProbs":
      return { lossFunc: crossEntropyWithProbs };
    case "squaredError":
      return { lossFunc: new nn.MSELoss(), outputFunc: (output) => output };
    case "binaryCrossEntropy":
      return { lossFunc: new nn.BCEWithLogitsLoss(), outputFunc: (output) => output.sigmoid() };
  }
}

/** The loaders of a case. */
export function buildLoaders({ loaders }: ParityCase, data: readonly LoaderData[]): DictDataLoader[] {
  return loaders.map(({ dataset: name, split, batchSize, shuffle, dropLast }, i) => {
    const { xDict, yDict } = data[i] as LoaderData;
    const dataset = new DictDataset({ name, split, xDict, yDict: { ...yDict } });
    return new DictDataLoader(dataset, { batchSize, shuffle, dropLast });
  });
}
