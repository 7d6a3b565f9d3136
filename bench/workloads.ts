import type { Layer, Workload } from "./workload.ts";

/** A quick run takes fewer steps per round. */
export type Size = "full" | "quick";

type Amount = { epochs: number; examples: number };

/** Two tasks with a dataset each, as in the tutorial of Snorkel; penguins, digits, texts; many tasks. */
const main: Record<string, (size: Size) => Workload> = {
  tiny: (size) => twoDatasets("tiny", [2, 8, 4], 32, pick(size, [20, 1000], [6, 1000])),
  mid: (size) => twoDatasets("mid", [128, 256, 128], 64, pick(size, [1, 20_000], [1, 4000])),
  big: (size) => ({
    ...twoDatasets("big", [768, 1024, 512], 256, pick(size, [1, 20_000], [1, 4096])),
    threads: 2,
  }),
  penguins: (size) =>
    oneDataset("penguins", {
      ...pick(size, [40, 205], [10, 205]),
      source: "penguins",
      batchSize: 16,
      trunk: perceptron([4, 32, 16]),
      width: 16,
      tasks: { species: 3, island: 3, sex: 2 },
    }),
  mnist: (size) =>
    oneDataset("mnist", {
      ...pick(size, [1, 12_800], [1, 2560]),
      source: "mnist",
      batchSize: 64,
      trunk: [
        ...convolution(1, 16),
        ...convolution(16, 32),
        ["flatten"],
        ["linear", 32 * 7 * 7, 64],
        ["relu"],
      ],
      width: 64,
      tasks: { digit: 10, odd: 2, at_least_five: 2 },
    }),
  "tokens-bag": (size) =>
    tokens("tokens-bag", pick(size, [2, 6400], [1, 3200]), [
      ["embedding_bag", 1024, 64],
      ["linear", 64, 64],
      ["relu"],
    ]),
  "tokens-lstm": (size) =>
    tokens("tokens-lstm", pick(size, [1, 3200], [1, 1280]), [
      ["embedding", 1024, 64],
      ["lstm_mean", 64, 64],
    ]),
  wide: (size) => manyTasks("wide", [64, 128, 64], 64, 20, pick(size, [2, 6400], [1, 3200])),
};

/** What the cost of a step depends on: each a series over one number. */
const series: Record<string, { numbers: Record<Size, number[]>; make: (n: number) => Workload }> = {
  tasks: {
    numbers: { full: [1, 2, 4, 8, 16, 32, 64], quick: [1, 8, 64] },
    make: (n) => manyTasks(`tasks-${n}`, [32, 64, 32], 32, n, { epochs: 1, examples: 3200 }),
  },
  examples: {
    numbers: { full: [1e3, 1e4, 1e5, 1e6, 1e7], quick: [1e3, 1e4, 1e5] },
    make: (n) => {
      const amount = { epochs: Math.max(1, 1e5 / n), examples: n };
      return manyTasks(`examples-${n}`, [8, 16, 8], 1000, 1, amount);
    },
  },
  batches: {
    numbers: { full: [1, 4, 16, 64, 256, 1024], quick: [1, 16, 256] },
    make: (n) => manyTasks(`batches-${n}`, [2, 8, 4], 32, 1, { epochs: 1024 / n, examples: 32 * n }),
  },
};

export const workloadNames = Object.keys(main);

/** The names of the series' workloads: `tasks-1`, `tasks-2`, ... */
export function seriesNames(size: Size): string[] {
  return Object.entries(series).flatMap(([name, { numbers }]) => numbers[size].map((n) => `${name}-${n}`));
}

/** The workload of a name, or undefined. */
export function makeWorkload(name: string, size: Size): Workload | undefined {
  if (Object.hasOwn(main, name)) return main[name]?.(size);
  const [ofSeries = "", n] = name.split("-");
  if (!Object.hasOwn(series, ofSeries) || !/^[1-9]\d*$/.test(n ?? "")) return undefined;
  return series[ofSeries]?.make(Number(n));
}

/** One step, the least that can be trained. */
export const oneStep: Workload = manyTasks("one-step", [2, 8, 4], 32, 1, { epochs: 1, examples: 32 });

function pick(size: Size, ...[full, quick]: [epochs: number, examples: number][]): Amount {
  const [epochs = 0, examples = 0] = (size === "full" ? full : quick) ?? [];
  return { epochs, examples };
}

type Description = Partial<Workload> & Amount & Pick<Workload, "batchSize" | "trunk" | "width" | "tasks">;

function oneDataset(name: string, { examples, ...description }: Description): Workload {
  const datasets = [{ name: "all", examples, tasks: Object.keys(description.tasks) }];
  return { name, threads: 1, lr: 1e-3, gradClip: 1, source: "normal", datasets, ...description };
}

function twoDatasets(name: string, sizes: number[], batchSize: number, amount: Amount): Workload {
  const tasks = { first: 2, second: 2 };
  const workload = oneDataset(name, {
    ...amount,
    batchSize,
    trunk: perceptron(sizes),
    width: last(sizes),
    tasks,
  });
  const datasets = Object.keys(tasks).map((task) => ({
    name: task,
    examples: amount.examples,
    tasks: [task],
  }));
  return { ...workload, datasets };
}

function manyTasks(
  name: string,
  sizes: number[],
  batchSize: number,
  count: number,
  amount: Amount,
): Workload {
  const tasks = Object.fromEntries(Array.from({ length: count }, (_, i) => [`task${i}`, 2]));
  return oneDataset(name, { ...amount, batchSize, trunk: perceptron(sizes), width: last(sizes), tasks });
}

function tokens(name: string, amount: Amount, trunk: Layer[]): Workload {
  const tasks = { first: 2, second: 2, third: 2 };
  return oneDataset(name, { ...amount, source: "tokens", batchSize: 32, trunk, width: 64, tasks });
}

function perceptron(sizes: number[]): Layer[] {
  return sizes.slice(1).flatMap((outputs, i): Layer[] => [["linear", sizes[i] ?? 0, outputs], ["relu"]]);
}

function convolution(inputs: number, outputs: number): Layer[] {
  return [["conv2d", inputs, outputs, 3, 1], ["relu"], ["max_pool2d", 2]];
}

function last(sizes: number[]): number {
  return sizes.at(-1) ?? 0;
}
