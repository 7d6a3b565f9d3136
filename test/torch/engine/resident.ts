// Steps on the CPU in the way of a device, beside the same steps in the way of the CPU.
import assert from "node:assert/strict";
import { TrainingThread, threadOptions } from "../../../lib/torch/engine/index.ts";
import type { optim, Tensor } from "../../../lib/torch/index.ts";
import { bitsOf, type Data, type Model, makeData, makeModel, planOf } from "./steps.ts";

export const data = makeData();
export const steps = 40;

export interface Options {
  tasks?: number[][];
  gradClip?: number;
  dtype?: "bfloat16" | "float64";
  steps?: number;
  /** How much the numbers may differ, relative to the largest. */
  tolerance?: number;
}

export const numbers = (tensors: readonly Tensor[]) =>
  tensors.flatMap((each) => Array.from(each.detach().to("float64").toTypedArray() as Float64Array));

export function assertClose(got: readonly number[], expected: readonly number[], tolerance = 1e-5): void {
  assert.equal(got.length, expected.length);
  const largest = Math.max(1, ...expected.map(Math.abs));
  for (const [i, value] of got.entries())
    assert(
      Math.abs(value - (expected[i] as number)) <= tolerance * largest,
      `${value} is not ${expected[i]}`,
    );
}

export function makeBoth(dtype: Options["dtype"]): [Model, Model, Data] {
  const models: [Model, Model] = [makeModel(), makeModel()];
  if (dtype === undefined) return [...models, data];
  for (const module of models.flatMap(({ trunk, heads }) => [trunk, ...heads])) module.to(dtype);
  return [...models, { ...data, x: data.x.to(dtype) }];
}

/** The state of an optimizer as numbers. */
export const stateOf = (optimizer: optim.Optimizer) =>
  numbers(Object.values(optimizer.stateDict().state).flatMap((state) => Object.values(state)));

export async function compare(
  make: (parameters: Tensor[]) => optim.Optimizer,
  options: Options = {},
): Promise<void> {
  const [model, other, given] = makeBoth(options.dtype);
  const [optimizer, otherOptimizer] = [make(model.parameters), make(other.parameters)];
  using thread = new TrainingThread();
  const result = await thread.run(planOf(model, given, optimizer, { steps, ...options }));
  using plain = plainThread();
  const expected = await plain.run(planOf(other, given, otherOptimizer, { steps, ...options }));
  assert.deepEqual([result.done, result.error, result.badLoss], [options.steps ?? steps, null, null]);
  assertClose([...result.losses], [...expected.losses], options.tolerance);
  assert.deepEqual([...result.points], [...expected.points]);
  assertClose(numbers(model.parameters), numbers(other.parameters), options.tolerance);
  assertClose(stateOf(optimizer), stateOf(otherOptimizer), options.tolerance);
  assert.notDeepEqual(bitsOf(model.parameters), bitsOf(makeModel().parameters));
}

/** A thread that does not, while others do. */
export function plainThread(): TrainingThread {
  threadOptions.asOnDevice = false;
  try {
    return new TrainingThread();
  } finally {
    threadOptions.asOnDevice = true;
  }
}
