import { type DictDataLoader, torch } from "snorkel-torch";
import { penguinLoaders } from "../../../examples/data/penguins.ts";
import { inCircle, inSquare, outsideCircle, pointLoaders } from "../../../examples/data/points.ts";

/** Data, and the trunk that its tasks share. */
export interface Workload {
  /** The sizes of the linear layers, from the input on. */
  trunk: number[];
  /** The probability of dropout behind the trunk. */
  dropout: number;
  loaders: DictDataLoader[];
}

export type Workloads = Record<"tutorial" | "penguins", Workload>;

/** The data of the examples. */
export function makeWorkloads(seed: number): Workloads {
  const points = new torch.Generator().manualSeed(seed);
  return {
    tutorial: {
      trunk: [2, 8, 4],
      dropout: 0,
      loaders: [
        ...pointLoaders("circle", inCircle, points),
        ...pointLoaders("square", inSquare, points),
        ...pointLoaders("inv_circle", outsideCircle, points),
      ],
    },
    penguins: {
      trunk: [4, 32, 16],
      dropout: 0.1,
      loaders: penguinLoaders(new torch.Generator().manualSeed(seed)),
    },
  };
}

/** The workloads for Python: a description as JSON, and the tensors that it names. */
export function exportWorkloads(workloads: Workloads): {
  description: Record<string, unknown>;
  tensors: Record<string, torch.Tensor>;
} {
  const tensors: Record<string, torch.Tensor> = {};
  const description = Object.entries(workloads).map(([workload, { trunk, dropout, loaders }]) => {
    const datasets = loaders.map(({ dataset, batchSize }) => {
      const { name, split, xDict, yDict } = dataset;
      const key = `${workload}/${name}/${split}`;
      for (const [field, values] of Object.entries({ ...xDict, ...yDict })) {
        if (values instanceof torch.Tensor) tensors[`${key}/${field}`] = values;
      }
      return { key, name, split, batchSize, fields: Object.keys(xDict), labels: Object.keys(yDict) };
    });
    return [workload, { trunk, dropout, datasets }];
  });
  return { description: Object.fromEntries(description), tensors };
}
