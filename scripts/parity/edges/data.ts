import {
  collateDicts,
  collectFlowOutputsBySuffix,
  DictDataLoader,
  type DictDataLoaderOptions,
  DictDataset,
  type Field,
  listToTensor,
  padBatch,
  torch,
} from "snorkel-torch";
import { differs, type Edge, refused, same } from "./edge.ts";

const { tensor, ones } = torch;
const int64 = (values: torch.NestedArray<number>) => tensor(values as number[], { dtype: "int64" });

function dataset(x: Field = tensor([0, 1, 2, 3]), y: unknown = int64([0, 1, 1, 0])): DictDataset {
  return new DictDataset({
    name: "points",
    split: "train",
    xDict: { x },
    yDict: { task: y as torch.Tensor },
  });
}

function batches(data: DictDataset, options: Partial<DictDataLoaderOptions> = {}): unknown[] {
  return [...new DictDataLoader(data, options)].map(([x, y]) => [list(x.x), list(y.task)]);
}

/** A tensor as Python's `tolist` gives it. */
export function list(value: unknown): unknown {
  if (!(value instanceof torch.Tensor)) return value;
  return JSON.parse(
    JSON.stringify(value.tolist(), (_, item) => (typeof item === "bigint" ? Number(item) : item)),
  );
}

/** Datasets, loaders, and what makes batches. */
export const dataEdges: Edge[] = [
  same("a dataset as text", "DictDataset(name=points, X_keys=['x'], Y_keys=['task'])", () =>
    String(dataset()),
  ),
  same(
    "a dataset of default names as text",
    "DictDataset(name=SnorkelDataset, X_keys=['input_data'], Y_keys=['task'])",
    () => String(DictDataset.fromTensors(torch.zeros([2]), torch.zeros([2]), "train")),
  ),
  refused(
    "a label that is a list",
    /Label task should be torch.Tensor/,
    /a torch.Tensor for label "task"/,
    () => dataset(undefined, [0, 1, 1, 0]),
  ),
  same("an example of a dataset", [1, 1], () => {
    const [x, y] = dataset().get(1);
    return [list(x.x), list(y.task)];
  }),
  differs("fields and labels of different lengths", 4, /expected/, () => dataset(torch.zeros([9])).length),
  differs(
    "a dataset without labels",
    0,
    3,
    () =>
      new DictDataset({ name: "points", split: "train", xDict: { x: torch.zeros([3]) }, yDict: {} }).length,
  ),
  same("batches of one by default", [4, [[0], [0]]], () => [
    new DictDataLoader(dataset()).length,
    batches(dataset())[0],
  ]),
  same(
    "a last batch that is smaller, and dropped",
    [
      [
        [
          [0, 1, 2],
          [0, 1, 1],
        ],
        [[3], [0]],
      ],
      [
        [
          [0, 1, 2],
          [0, 1, 1],
        ],
      ],
    ],
    () => [false, true].map((dropLast) => batches(dataset(), { batchSize: 3, dropLast })),
  ),
  refused(
    "a loader of something else than a DictDataset",
    /AssertionError/,
    /a DictDataset/,
    () => new DictDataLoader([1, 2, 3] as never),
  ),
  same(
    "labels that change after the loader was made",
    [
      [
        [0, 1, 2, 3],
        [5, 6, 7, 8],
      ],
    ],
    () => {
      const data = dataset();
      const loader = new DictDataLoader(data, { batchSize: 4 });
      data.yDict.task = int64([5, 6, 7, 8]);
      return [...loader].map(([x, y]) => [list(x.x), list(y.task)]);
    },
  ),
  same(
    "a field of strings",
    [
      [
        ["a", "b"],
        [0, 1],
      ],
      [
        ["c", "d"],
        [1, 0],
      ],
    ],
    () => batches(dataset(["a", "b", "c", "d"]), { batchSize: 2 }),
  ),
  same(
    "rows of different lengths",
    [
      [
        [1, 0, 0],
        [1, 1, 1],
      ],
      [
        [1, 1],
        [1, 1],
      ],
    ],
    () => {
      const loader = new DictDataLoader(dataset([1, 3, 2, 2].map((length) => ones([length]))), {
        batchSize: 2,
      });
      return [...loader].map(([x]) => list(x.x));
    },
  ),
  same("labels of one element a row", [[0], [1], [1], [0]], () => {
    const [batch] = new DictDataLoader(dataset(undefined, int64([[0], [1], [1], [0]])), { batchSize: 4 });
    return list(batch?.yDict.task);
  }),
  differs(
    "tensors of mixed shapes",
    [
      [1, 1, 1, 1],
      [1, 1, 1, 0],
    ],
    /shape/,
    () => list(listToTensor([ones([2, 2]), ones([3])])),
  ),
  same("tensors of two dimensions of one shape", [[[1, 1]], [[0, 0]]], () =>
    list(listToTensor([ones([1, 2]), torch.zeros([1, 2])])),
  ),
  same(
    "a collate of tensors and strings",
    [
      [1, 1],
      ["p", "p"],
      [0, 0],
    ],
    () => {
      const example = [{ a: tensor(1), b: "p" }, { t: int64(0 as never) }] as never;
      const [x, y] = collateDicts([example, example]);
      return [list(x.a), x.b, list(y.t)];
    },
  ),
  same(
    "a padded batch",
    [
      [
        [1, 2],
        [3, 0],
      ],
      [
        [0, 0],
        [0, 1],
      ],
    ],
    () => padded([[1, 2], [3]]),
  ),
  same(
    "a padded batch that is cut",
    [
      [
        [1, 2],
        [4, 0],
      ],
      [
        [0, 0],
        [0, 1],
      ],
    ],
    () => padded([[1, 2, 3], [4]], { maxLen: 2 }),
  ),
  same(
    "a padded batch that is cut on the left",
    [
      [
        [2, 3],
        [0, 4],
      ],
      [
        [0, 0],
        [1, 0],
      ],
    ],
    () => padded([[1, 2, 3], [4]], { maxLen: 2, leftPadded: true }),
  ),
  differs(
    "a padded batch with real zeros",
    [
      [1, 0],
      [0, 1],
    ],
    [
      [0, 0],
      [0, 1],
    ],
    () => padded([[0, 2], [3]])[1],
  ),
  differs(
    "a padded batch with an empty row on the left",
    /RuntimeError/,
    [
      [1, 2],
      [0, 0],
    ],
    () => padded([[1, 2], []], { leftPadded: true })[0],
  ),
  same("outputs by their suffix", [1, 2], () =>
    collectFlowOutputsBySuffix({ b_head: tensor(2), a_head: tensor(1), c_pred: tensor(3) }, "_head").map(
      list,
    ),
  ),
];

function padded(rows: number[][], options: object = {}): unknown[] {
  return padBatch(rows.map(int64), options).map((part) => {
    const values = list(part.to("int64"));
    return values;
  });
}
