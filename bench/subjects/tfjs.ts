// TensorFlow.js on its backend in plain JavaScript, for trunks of linear layers.
//
//   tsx tfjs.ts FILE [--device cpu]
import { parseArgs } from "node:util";
import { torch } from "snorkel-torch";
import type { Reply } from "../reply.ts";
import { loadTfjs, type TfTensor, type TfVariable } from "../tfjs-package.ts";
import type { WorkloadFile } from "../workload.ts";
import { serve } from "./serve.ts";

// A round of all steps would take minutes.
const maxSteps = 100;

const { positionals } = parseArgs({ allowPositionals: true, options: { device: { type: "string" } } });
const workload = (await torch.load(positionals[0] ?? "")) as WorkloadFile;
const tf = await loadTfjs();

torch.manualSeed(0);
const trunk = workload.trunk.flatMap(([kind, ...sizes]) =>
  kind === "linear" ? [makeLinear(Number(sizes[0]), Number(sizes[1]))] : [],
);
const heads = Object.fromEntries(
  Object.entries(workload.tasks).map(([task, classes]) => [task, makeLinear(workload.width, classes)]),
);
const datasets = workload.datasets.map(({ name, examples, tasks }) => {
  const data = workload.data[name];
  return {
    examples,
    tasks,
    x: toTf(data?.x as torch.Tensor),
    labels: Object.fromEntries(tasks.map((task) => [task, toTf(data?.labels[task] as torch.Tensor)])),
  };
});
type Dataset = (typeof datasets)[number];

await serve(async (): Promise<Reply> => {
  for (const { weight, bias } of [...trunk, ...Object.values(heads)]) {
    weight.variable.assign(weight.initial);
    bias.variable.assign(bias.initial);
  }
  const initialLoss = lossOfModel();
  const start = performance.now();
  const steps = fit();
  return { seconds: (performance.now() - start) / 1000, steps, initialLoss, finalLoss: lossOfModel() };
});

function fit(): number {
  const optimizer = tf.train.adam(workload.lr);
  let steps = 0;
  for (let epoch = 0; epoch < workload.epochs; epoch++) {
    for (const { dataset, indices } of shuffledBatches()) {
      if (steps === maxSteps) break;
      step(optimizer, dataset, indices);
      steps++;
    }
  }
  optimizer.dispose();
  return steps;
}

function step(optimizer: ReturnType<typeof tf.train.adam>, dataset: Dataset, indices: Int32Array): void {
  tf.tidy(() => {
    const used = [...trunk, ...dataset.tasks.map((task) => headOf(task))];
    const variables = used.flatMap(({ weight, bias }) => [weight.variable, bias.variable]);
    const { grads } = optimizer.computeGradients(() => lossOf(dataset, indices), variables);
    const norm = tf.sqrt(tf.addN(Object.values(grads).map((gradient) => tf.sum(tf.square(gradient)))));
    const scale = tf.maximum(tf.div(norm, workload.gradClip), 1);
    optimizer.applyGradients(
      Object.fromEntries(Object.entries(grads).map(([name, gradient]) => [name, tf.div(gradient, scale)])),
    );
  });
}

function lossOf({ x, labels, tasks }: Dataset, indices: Int32Array): TfTensor {
  const positions = tf.tensor(indices, [indices.length], "int32");
  const hidden = trunk.reduce((input, layer) => tf.relu(apply(layer, input)), tf.gather(x, positions));
  const losses = tasks.map((task) => {
    const classes = workload.tasks[task] ?? 0;
    const label = tf.oneHot(tf.gather(labels[task] as TfTensor, positions), classes);
    return tf.losses.softmaxCrossEntropy(label, apply(headOf(task), hidden));
  });
  return tf.addN(losses);
}

function lossOfModel(): number {
  return tf.tidy(() => {
    const losses = datasets.map((dataset) =>
      lossOf(
        dataset,
        Int32Array.from({ length: Math.min(512, dataset.examples) }, (_, i) => i),
      ),
    );
    return tf.addN(losses).dataSync()[0] ?? Number.NaN;
  });
}

/** The batches of an epoch, of all datasets in random order. */
function shuffledBatches(): { dataset: Dataset; indices: Int32Array }[] {
  const batches = datasets.flatMap((dataset) => {
    const order = Int32Array.from(torch.randperm(dataset.examples).toTypedArray(), Number);
    const count = Math.ceil(order.length / workload.batchSize);
    return Array.from({ length: count }, (_, i) => ({
      dataset,
      indices: order.subarray(i * workload.batchSize, (i + 1) * workload.batchSize),
    }));
  });
  const order = Array.from(torch.randperm(batches.length).toTypedArray(), Number);
  return order.map((i) => batches[i] as (typeof batches)[number]);
}

interface Linear {
  weight: { variable: TfVariable; initial: TfTensor };
  bias: { variable: TfVariable; initial: TfTensor };
}

/** Starts where PyTorch's layer does. */
function makeLinear(inputs: number, outputs: number): Linear {
  const layer = new torch.nn.Linear(inputs, outputs);
  const variable = (values: torch.Tensor) => {
    const initial = toTf(values);
    return { variable: tf.variable(initial), initial };
  };
  return {
    weight: variable(layer.weight.detach().t().contiguous()),
    bias: variable(layer.bias as torch.Tensor),
  };
}

function apply({ weight, bias }: Linear, x: TfTensor): TfTensor {
  return tf.add(tf.matMul(x, weight.variable), bias.variable);
}

function headOf(task: string): Linear {
  return heads[task] as Linear;
}

function toTf(tensor: torch.Tensor): TfTensor {
  const values = tensor.detach().toTypedArray();
  return values instanceof Float32Array
    ? tf.tensor(values, [...tensor.shape], "float32")
    : tf.tensor(Int32Array.from(values as ArrayLike<number>, Number), [...tensor.shape], "int32");
}
