import type { torch } from "snorkel-torch";

/** A layer of a trunk: its kind and its sizes. Every subject builds it in its own words. */
export type Layer =
  | [kind: "linear", inputs: number, outputs: number]
  | [kind: "relu"]
  | [kind: "conv2d", inputs: number, outputs: number, kernel: number, padding: number]
  | [kind: "max_pool2d", size: number]
  | [kind: "flatten"]
  | [kind: "embedding", tokens: number, width: number]
  /** The mean over the tokens of a row; token 0 is padding. */
  | [kind: "embedding_bag", tokens: number, width: number]
  /** The mean over the steps of an LSTM. */
  | [kind: "lstm_mean", inputs: number, hidden: number];

/** What is trained: tasks on one trunk, each with a linear layer of its own on top. */
export interface Workload {
  name: string;
  threads: number;
  batchSize: number;
  epochs: number;
  /** Adam's. */
  lr: number;
  /** The norm that gradients are clipped to. */
  gradClip: number;
  trunk: Layer[];
  /** How many values the trunk gives. */
  width: number;
  /** How many classes each task tells apart. */
  tasks: Record<string, number>;
  /** Each is a dataset with one loader, in shuffled batches. */
  datasets: { name: string; examples: number; tasks: string[] }[];
  /** Where the data come from. */
  source: "normal" | "tokens" | "penguins" | "mnist";
}

/** The examples of a dataset: rows of a tensor, or of different lengths one after the other. */
export interface Examples {
  x?: torch.Tensor;
  values?: torch.Tensor;
  offsets?: torch.Tensor;
  /** By task, [examples]; -1 where there is none. */
  labels: Record<string, torch.Tensor>;
}

/** What a subject reads, from a file that `torch.load` reads in every language. */
export interface WorkloadFile extends Workload {
  data: Record<string, Examples>;
}

export function stepsOf({ datasets, batchSize, epochs }: Workload): number {
  return epochs * datasets.reduce((sum, { examples }) => sum + Math.ceil(examples / batchSize), 0);
}
