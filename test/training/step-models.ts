import { DictDataLoader, DictDataset, type Field } from "../../lib/data/index.ts";
import { MultitaskClassifier, Operation, Task, type TaskOptions } from "../../lib/model/index.ts";
import { nn, rand, randn, type Tensor, tensor, where } from "../../lib/torch/index.ts";

export const rows = 37; // the last batch is smaller

interface Shape {
  tasks?: Record<string, Partial<TaskOptions>>;
  trunk?: () => nn.Module;
  device?: string;
}

/** Tasks on one trunk over the field `data`. */
export function makeModel({
  tasks = { first: {}, second: {} },
  trunk = perceptron,
  device = "cpu",
}: Shape = {}): MultitaskClassifier {
  const shared = trunk();
  const made = Object.entries(tasks).map(
    ([name, options]) =>
      new Task({
        name,
        modulePool: { trunk: shared, [`${name}_head`]: new nn.Linear(6, 3) },
        opSequence: [
          new Operation({ moduleName: "trunk", inputs: [["_input_", "data"]] }),
          new Operation({ moduleName: `${name}_head`, inputs: ["trunk"] }),
        ],
        ...options,
      }),
  );
  return new MultitaskClassifier(made, { device });
}

const perceptron = () =>
  new nn.Sequential(
    new nn.Linear(4, 8),
    new nn.BatchNorm1d(8),
    new nn.ReLU(),
    new nn.Dropout(0.2),
    new nn.Linear(8, 6),
  );

/** Of each label, a share is missing. */
export function classes(missing: number): Tensor {
  const labels = rand([rows]).mul(3).floor().to("int64");
  return missing === 0 ? labels : where(rand([rows]).lt(missing), tensor(-1n), labels);
}

interface Data {
  xDict?: () => Record<string, Field>;
  missing?: number;
  labels?: (missing: number) => Tensor;
  names?: readonly string[];
  options?: object;
}

export function makeLoader(split: string, data: Data = {}): DictDataLoader {
  const {
    xDict = () => ({ data: randn([rows, 4]) }),
    missing = 0,
    labels = classes,
    names = ["first", "second"],
  } = data;
  const yDict = Object.fromEntries(names.map((name) => [name, labels(missing)]));
  const dataset = new DictDataset({ name: "points", split, xDict: xDict(), yDict });
  return new DictDataLoader(dataset, { batchSize: 8, shuffle: split === "train", ...data.options });
}

export const loadersOf = (data?: Data) => () => [makeLoader("train", data), makeLoader("valid", data)];

/** Tensors of one shape, stacked. */
export function stackAll(tensors: readonly Tensor[]): Tensor {
  return nn.utils.rnn
    .padSequence(
      tensors.map((one) => one.unsqueeze(0)),
      { batchFirst: true },
    )
    .squeeze(1);
}
