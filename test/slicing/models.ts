import { DictDataset } from "../../lib/data/index.ts";
import { Operation, Task, type TaskOptions } from "../../lib/model/index.ts";
import { nn, rand, type Tensor } from "../../lib/torch/index.ts";

/** A task on the field "points" over a trunk of its own, or a shared one, and a linear head. */
export function pointsTask(
  name: string,
  options: Partial<TaskOptions> & { trunk?: nn.Module; classes?: number } = {},
): Task {
  const { trunk = new nn.Sequential(new nn.Linear(2, 6), new nn.ReLU()), classes = 2, ...others } = options;
  const trunkName = options.trunk ? "trunk" : `${name}_trunk`;
  return new Task({
    name,
    modulePool: { [trunkName]: trunk, [`${name}_head`]: new nn.Linear(6, classes) },
    opSequence: [
      new Operation({ moduleName: trunkName, inputs: [["_input_", "points"]] }),
      new Operation({ moduleName: `${name}_head`, inputs: [trunkName] }),
    ],
    ...others,
  });
}

/** Random points in a square, and whether each is above the diagonal. */
export function squarePoints(rows: number): { points: Tensor; above: Tensor } {
  const points = rand([rows, 2]).mul(2).sub(1);
  return { points, above: points.select(1, 0).lt(points.select(1, 1)).to("int64") };
}

/** A dataset of random points with a label under each name: whether the point is above the diagonal. */
export function pointsDataset(labelNames: readonly string[], rows: number, split = "train"): DictDataset {
  const { points, above } = squarePoints(rows);
  const yDict = Object.fromEntries(labelNames.map((name) => [name, above.clone()]));
  return new DictDataset({ name: "data", split, xDict: { points }, yDict });
}

/** A column of a slice: 1 for each row that is a multiple of `step`, 0 for the others. */
export function everyOf(step: number, rows: number): number[] {
  return Array.from({ length: rows }, (_, row) => (row % step === 0 ? 1 : 0));
}
