import { type DictDataLoader, torch } from "snorkel-torch";
import { mnistLoaders } from "../examples/data/mnist.ts";
import { penguinLoaders } from "../examples/data/penguins.ts";
import type { Examples, Workload, WorkloadFile } from "./workload.ts";

const longestRow = 64;

/** Writes a workload with its data, the same for every subject. */
export async function writeWorkload(workload: Workload, file: string): Promise<void> {
  const generator = new torch.Generator().manualSeed(1);
  const entries = workload.datasets.map(
    ({ name, examples, tasks }) =>
      [name, makers[workload.source](workload, examples, tasks, generator)] as const,
  );
  await torch.save({ ...workload, data: Object.fromEntries(entries) } satisfies WorkloadFile, file);
}

type Maker = (workload: Workload, count: number, tasks: string[], generator: torch.Generator) => Examples;

const makers: Record<Workload["source"], Maker> = { normal, tokens, penguins, mnist };

/** The label of each task says on which side of a random plane a point lies. */
function normal({ trunk }: Workload, count: number, tasks: string[], generator: torch.Generator): Examples {
  const [layer] = trunk;
  const width = layer?.[0] === "linear" ? layer[1] : 1;
  const x = torch.randn([count, width], { generator });
  const labelOf = () =>
    x
      .matmul(torch.randn([width], { generator }))
      .gt(0)
      .to("int64");
  return { x, labels: Object.fromEntries(tasks.map((task) => [task, labelOf()])) };
}

/**
 * Rows of 4 to 64 tokens, mostly short. A token is made of a random part and of one bit for each task: every token of
 * a row tells its labels.
 */
function tokens({ trunk }: Workload, count: number, tasks: string[], generator: torch.Generator): Examples {
  const [layer] = trunk;
  const vocabulary = layer?.[0] === "embedding" || layer?.[0] === "embedding_bag" ? layer[1] : 1;
  const kinds = 2 ** tasks.length;
  const kind = torch.randint(kinds, [count], { generator });
  const lengths = torch
    .rand([count], { generator })
    .pow(6)
    .mul(longestRow - 3)
    .floor()
    .add(4)
    .to("int64");
  const ends = lengths.cumsum(0);
  const random = torch.randint(1, Math.floor(vocabulary / kinds), [Number(ends.select(0, -1).item())], {
    generator,
  });
  return {
    values: random.mul(kinds).add(torch.repeatInterleave(kind, lengths)),
    offsets: torch.cat([torch.zeros([1], { dtype: "int64" }), ends]).to("int32"),
    labels: Object.fromEntries(
      tasks.map((task, i) => [
        task,
        kind
          .floorDivide(2 ** i)
          .remainder(2)
          .to("int64"),
      ]),
    ),
  };
}

function penguins(_: Workload, count: number, __: string[], generator: torch.Generator): Examples {
  return firstOf(penguinLoaders(generator), count, "measures");
}

function mnist(_: Workload, count: number): Examples {
  return firstOf(mnistLoaders(), count, "image");
}

/** The first examples of the training split. */
function firstOf(loaders: DictDataLoader[], count: number, field: string): Examples {
  const dataset = loaders.find((loader) => loader.dataset.split === "train")?.dataset;
  if (dataset === undefined || dataset.length < count)
    throw new Error(`[bench] expected ${count} examples to train on, got ${dataset?.length}`);
  // Without a copy the file would hold the other examples too.
  const head = (values: unknown) => (values as torch.Tensor).narrow(0, 0, count).clone();
  const labels = Object.entries(dataset.yDict).map(([task, values]) => [task, head(values)] as const);
  return { x: head(dataset.xDict[field]), labels: Object.fromEntries(labels) };
}
