// A model of two tasks, its steps, and the same steps by programs: what the tests of the training thread share.
import {
  Arena,
  Program,
  recordStep,
  type StepTensors,
  type TrainingPlan,
} from "../../../lib/torch/engine/index.ts";
import {
  manualSeed,
  nn,
  type optim,
  randint,
  randn,
  scope,
  stack,
  type Tensor,
  tensor,
} from "../../../lib/torch/index.ts";
import { native } from "../../../lib/torch/native.ts";

export const batchSize = 8;
const examples = 64;

/** Points, and two labels for each. */
export interface Data {
  x: Tensor;
  labels: [Tensor, Tensor];
}

export function makeData(): Data {
  manualSeed(7);
  const labels = () => randint(0, 2, [examples], { dtype: "int64" });
  return { x: randn([examples, 2]), labels: [labels(), labels()] };
}

export interface Model {
  parameters: Tensor[];
  heads: [nn.Linear, nn.Linear];
  trunk: nn.Sequential;
}

/** The same weights each time. */
export function makeModel(): Model {
  manualSeed(3);
  const trunk = new nn.Sequential(new nn.Linear(2, 8), new nn.ReLU(), new nn.Linear(8, 4), new nn.ReLU());
  const heads: [nn.Linear, nn.Linear] = [new nn.Linear(4, 2), new nn.Linear(4, 2)];
  return { trunk, heads, parameters: [trunk, ...heads].flatMap((module) => module.parameters()) };
}

/** The losses of some tasks, with the gradients of their sum on the parameters. */
export function lossesOf(
  { trunk, heads }: Model,
  tasks: readonly number[],
  [x, ...labels]: readonly Tensor[],
): Tensor[] {
  const hidden = trunk.forward(x as Tensor);
  const losses = tasks.map((task, i) => {
    const scores = (heads[task] as nn.Linear).forward(hidden);
    return nn.functional.crossEntropy(scores.to("float32"), labels[i] as Tensor);
  });
  stack(losses).sum().backward();
  return losses;
}

/** The positions of the examples of each step. */
export function positionsOf(steps: number): Int32Array {
  return Int32Array.from({ length: steps * batchSize }, (_, i) => (i * 29 + 5) % examples);
}

export function startsOf(steps: number): Int32Array {
  return Int32Array.from({ length: steps + 1 }, (_, i) => i * batchSize);
}

export function inputsOf({ x, labels }: Data, tasks: readonly number[]): Tensor[] {
  return [x, ...tasks.map((task) => labels[task] as Tensor)];
}

export function batchOf(inputs: readonly Tensor[], step: number): Tensor[] {
  const positions = tensor(positionsOf(step + 1).subarray(step * batchSize));
  return inputs.map((input) => input.indexSelect(0, positions));
}

/** A program of two records; what the step leaves on the parameters is taken away. */
export function build(
  tensors: Omit<StepTensors, "inputs">,
  batches: readonly (readonly Tensor[])[],
  step: (inputs: readonly Tensor[]) => readonly Tensor[],
  arena = new Arena("cpu"),
): Program {
  const records = batches.slice(0, 2).map((inputs) => {
    const record = scope(() => recordStep({ ...tensors, inputs }, () => step(inputs)));
    for (const parameter of tensors.parameters) parameter.grad = null;
    return record;
  });
  return Program.build(records[0] as never, records[1] as never, arena);
}

/** The program of a training step on some tasks. */
export function buildStep(
  model: Model,
  data: Data,
  tasks: readonly number[],
  arena = new Arena("cpu"),
): Program {
  const { parameters } = model;
  const inputs = inputsOf(data, tasks);
  const batches = [batchOf(inputs, 0), batchOf(inputs, 1)];
  return build(
    { parameters, persistent: parameters },
    batches,
    (batch) => lossesOf(model, tasks, batch),
    arena,
  );
}

/** Trains by programs: step `i` is on the tasks `tasks[i % tasks.length]`. Each task is a running sum. */
export function planOf(
  model: Model,
  data: Data,
  optimizer: optim.Optimizer,
  options: { steps: number; tasks?: readonly (readonly number[])[]; gradClip?: number },
): TrainingPlan {
  const { steps, tasks = [[0, 1]], gradClip = 0.1 } = options;
  const arena = new Arena("cpu");
  const programs = tasks.map((some) => ({
    program: buildStep(model, data, some, arena).handle,
    sources: inputsOf(data, some).map((input) => ({ kind: "rows" as const, tensor: input })),
    names: some,
  }));
  const order = Int32Array.from({ length: steps }, (_, step) => step % tasks.length);
  const outputs = order.reduce((sum, program) => sum + (programs[program]?.names.length ?? 0), 0);
  return {
    programs,
    steps: order,
    positions: positionsOf(steps),
    starts: startsOf(steps),
    given: [],
    counts: new Float64Array(outputs).fill(batchSize),
    losses: new Float64Array(2),
    points: new Float64Array(2),
    optimizer,
    gradClip,
    rates: optimizer.paramGroups.map((_, group) =>
      Float64Array.from({ length: steps }, (_, step) => 0.05 / (1 + step + group)),
    ),
    destinations: null,
  };
}

/** Less of a plan of two losses a step. */
export function firstSteps(plan: TrainingPlan, steps: number): TrainingPlan {
  return {
    ...plan,
    steps: plan.steps.subarray(0, steps),
    starts: plan.starts.subarray(0, steps + 1),
    counts: plan.counts.subarray(0, 2 * steps),
  };
}

/** What the plan does, on this thread and by autograd. Returns the running sums of the losses. */
export function trainEagerly(
  model: Model,
  data: Data,
  plan: Pick<TrainingPlan, "steps" | "programs" | "rates" | "gradClip"> & { optimizer: optim.Optimizer },
): number[] {
  const sums = [0, 0];
  for (const [step, place] of plan.steps.entries()) {
    scope(() => {
      const tasks = plan.programs[place]?.names ?? [];
      const losses = lossesOf(model, tasks, batchOf(inputsOf(data, tasks), step));
      const rate = plan.rates.map((rates) => rates[step] as number);
      const result = plan.optimizer.epilogue(losses, { rate, gradClip: plan.gradClip });
      for (const [i, task] of tasks.entries()) {
        sums[task] = (sums[task] as number) + (result.losses[i] as number) * batchSize;
      }
    });
  }
  return sums;
}

/** The very bits of tensors. */
export function bitsOf(tensors: Iterable<Tensor>): string[] {
  return Array.from(tensors, (each) => Buffer.from(native.tensorToBytes(each.detach())).toString("hex"));
}

/** The very bits of an optimizer's state. */
export function stateBitsOf(optimizer: optim.Optimizer): Record<string, string[]> {
  const states = Object.entries(optimizer.stateDict().state);
  return Object.fromEntries(states.map(([place, state]) => [place, bitsOf(Object.values(state))]));
}
