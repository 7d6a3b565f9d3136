import {
  DictDataLoader,
  type DictDataLoaderOptions,
  DictDataset,
  MultitaskClassifier,
  Operation,
  Task,
  type TaskOptions,
  torch,
} from "snorkel-torch";

const { nn } = torch;

/** Whole numbers, or one of them so often. */
export function whole(values: number | (number | number[])[], rows = 10): torch.Tensor {
  const list = typeof values === "number" ? new Array<number>(rows).fill(values) : values;
  return torch.tensor(list as number[], { dtype: "int64" });
}

/** A linear layer that gives its input back. */
export function eye(): torch.nn.Linear {
  const layer = new nn.Linear(2, 2);
  layer.loadStateDict({ weight: torch.eye(2), bias: torch.zeros([2]) });
  return layer;
}

/** A head over the field "x". */
export function makeTask(
  name = "task",
  options: Partial<TaskOptions> & { head?: torch.nn.Module } = {},
): Task {
  const { head = eye(), ...others } = options;
  return new Task({
    name,
    modulePool: { [`${name}_head`]: head },
    opSequence: [new Operation({ moduleName: `${name}_head`, inputs: [["_input_", "x"]] })],
    ...others,
  });
}

export function makeModel(...tasks: Task[]): MultitaskClassifier {
  return new MultitaskClassifier(tasks.length > 0 ? tasks : [makeTask()], { device: "cpu" });
}

type LoaderOptions = Partial<DictDataLoaderOptions> & {
  labels?: Record<string, torch.Tensor>;
  rows?: number;
  split?: string;
};

/** A loader over points (0, 0), (1, 1), ... whose labels are 1 by default. */
export function makeLoader(options: LoaderOptions = {}): DictDataLoader {
  const { rows = 10, split = "train", labels = { task: whole(1, rows) }, ...loaderOptions } = options;
  const x = torch.tensor(Array.from({ length: rows }, (_, i) => [i, i]));
  const dataset = new DictDataset({ name: "points", split, xDict: { x }, yDict: labels });
  return new DictDataLoader(dataset, { batchSize: 4, ...loaderOptions });
}

/** Of two tasks, "task" has no opinion, and "sure" is sure of class 1. */
export function twoTasks(): MultitaskClassifier {
  const sure = new nn.Linear(2, 2);
  sure.loadStateDict({ weight: torch.zeros([2, 2]), bias: torch.tensor([0, 5]) });
  return makeModel(makeTask(), makeTask("sure", { head: sure }));
}
