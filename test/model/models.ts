import { DictDataLoader, DictDataset } from "../../lib/data/index.ts";
import { MultitaskClassifier, Operation, Task, type TaskOptions } from "../../lib/model/index.ts";
import { nn, tensor } from "../../lib/torch/index.ts";

/** A module that gives its input back. */
export class Identity extends nn.Module {
  override forward<T>(input: T): T {
    return input;
  }
}

/** A task over a trunk of its own or a shared one, and a linear head. */
export function linearTask(name: string, options: Partial<TaskOptions> & { trunk?: nn.Module } = {}): Task {
  const { trunk = new nn.Linear(2, 4), ...others } = options;
  const trunkName = options.trunk ? "trunk" : `${name}_trunk`;
  return new Task({
    name,
    modulePool: { [trunkName]: trunk, [`${name}_head`]: new nn.Linear(4, 2) },
    opSequence: [
      new Operation({ moduleName: trunkName, inputs: [["_input_", "data"]] }),
      new Operation({ moduleName: `${name}_head`, inputs: [trunkName] }),
    ],
    ...others,
  });
}

/** A task whose output is the batch's field "logits" itself. */
export function fieldTask(name: string, options: Partial<TaskOptions> = {}): Task {
  return new Task({
    name,
    modulePool: { [`${name}_identity`]: new Identity() },
    opSequence: [new Operation({ moduleName: `${name}_identity`, inputs: [["_input_", "logits"]] })],
    ...options,
  });
}

/** Two tasks on one trunk. */
export function twoTaskModel(): MultitaskClassifier {
  const trunk = new nn.Linear(2, 4);
  return new MultitaskClassifier([linearTask("first", { trunk }), linearTask("second", { trunk })], {
    device: "cpu",
  });
}

/** A loader over `length` points in the plane, with a label for each name: whether x0 < x1. */
export function pointsLoader(
  labels: readonly string[],
  options: { length?: number; split?: string; name?: string; batchSize?: number; shuffle?: boolean } = {},
): DictDataLoader {
  const { length = 12, split = "train", name = "points", ...loaderOptions } = options;
  const points = Array.from({ length }, (_, i) => [Math.sin(i), Math.cos(i * 1.7)]);
  const values = points.map(([a = 0, b = 0]) => (a < b ? 1 : 0));
  const yDict = Object.fromEntries(labels.map((label) => [label, tensor(values, { dtype: "int64" })]));
  const dataset = new DictDataset({ name, split, xDict: { data: tensor(points) }, yDict });
  return new DictDataLoader(dataset, { batchSize: 4, ...loaderOptions });
}
