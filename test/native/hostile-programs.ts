// Records and programs of a small step, for calls of native functions.
import { tensor } from "../../lib/torch/creation.ts";
import { type TrainingPlan, threadOptions } from "../../lib/torch/engine/index.ts";
import { native } from "../../lib/torch/native.ts";
import type { NativeHandle } from "../../lib/torch/native-api.ts";
import type { Tensor } from "../../lib/torch/tensor.ts";
import { type Draw, pick } from "../draw.ts";
import { hostileValue } from "./hostile-values.ts";

// A step of its own for each record: what a call with hostile values did to one is not another's.
let weight = makeWeight();

function makeWeight(): Tensor {
  return tensor([0.5, -1], { requiresGrad: true });
}

export const makeInput = (): Tensor => tensor([1, 2]);

export function makeRecord(): NativeHandle<"Record"> {
  const input = makeInput();
  if (weight.isDisposed || !weight.requiresGrad) weight = makeWeight();
  weight.grad = null;
  return native.recordStep([input], [weight], [weight], () => {
    const loss = input.mul(weight).square().sum();
    loss.backward();
    return [loss];
  });
}

export const makeArena = (): NativeHandle<"Arena"> => native.makeArena("cpu");

export const makeProgram = (): NativeHandle<"Program"> =>
  native.makeProgram(makeRecord(), makeRecord(), makeArena());

/** What `recordStep` asks for. */
export const recordable = [
  () => [makeInput()],
  () => [weight],
  () => [weight],
  () => () => [makeInput().mul(weight).sum()],
];

export const makeThread = (): NativeHandle<"TrainingThread"> => native.makeTrainingThread(threadOptions);

/** A plan of two predictions, or one of whose parts is hostile. */
export function makePlan(draw: Draw): TrainingPlan {
  const plan: TrainingPlan = {
    programs: [{ program: makeProgram(), sources: null, names: [0] }],
    steps: Int32Array.of(0, 0),
    positions: Int32Array.of(0, 1),
    starts: Int32Array.of(0, 1, 2),
    given: [[makeInput()], [makeInput()]],
    counts: Float64Array.of(1, 1),
    losses: Float64Array.of(0),
    points: Float64Array.of(0),
    optimizer: null,
    gradClip: 0,
    rates: [],
    accumulation: null,
    destinations: [[tensor([0, 0])]],
  };
  if (draw() < 0.3) return plan;
  const part = pick(draw, Object.keys(plan));
  return { ...plan, [part]: hostileValue(draw, []) };
}
