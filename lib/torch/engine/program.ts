import { native } from "../native.ts";
import type { NativeHandle } from "../native-api.ts";
import { runSynchronously } from "../synchronous.ts";
import type { Tensor } from "../tensor.ts";
import { openCudaGraphs } from "./cuda-graphs.ts";

/** The tensors of a step that it does not make itself. */
export interface StepTensors {
  /** Those of the batch: other ones in each step. */
  inputs: readonly Tensor[];
  /** Parameters and buffers: the same in each step, read and written where they lie. */
  persistent: readonly Tensor[];
  /** Those whose gradients the step computes. They have none before it. */
  parameters: readonly Tensor[];
}

/** What a step did, operator by operator. */
export class StepRecord {
  /** @internal */
  readonly handle: NativeHandle<"Record">;

  /** @internal */
  constructor(handle: NativeHandle<"Record">) {
    this.handle = handle;
  }

  /** Why no program can do the same, or null: "aten::nonzero has a result whose shape depends on values". */
  get refusal(): string | null {
    return native.recordRefusal(this.handle);
  }

  dispose(): void {
    native.recordDispose(this.handle);
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}

/**
 * Runs a step, as it would run by itself, and records what it does.
 *
 * @param step - From the inputs to gradients on the parameters; returns what is wanted beside them, the losses.
 * @throws what the step throws, and TypeError if it is asynchronous.
 */
export function recordStep(tensors: StepTensors, step: () => readonly Tensor[]): StepRecord {
  const { inputs, persistent, parameters } = tensors;
  const run = () => runSynchronously("recordStep", step);
  isRecording = true;
  try {
    return new StepRecord(native.recordStep(inputs, persistent, parameters, run));
  } finally {
    isRecording = false;
  }
}

let isRecording = false;

/** Says which part of a step comes next: if it cannot be recorded, the reason names it. */
export function enterPart(name: string): void {
  if (isRecording) native.recordPart(name);
}

/** Memory for the intermediate values of programs, one of which runs at a time. */
export class Arena {
  /** @internal */
  readonly handle: NativeHandle<"Arena">;

  constructor(device: string) {
    if (device.startsWith("cuda")) openCudaGraphs();
    this.handle = native.makeArena(device);
  }
}

/** A step that runs without JavaScript and autograd: a straight line of kernels over memory that is planned ahead. */
export class Program {
  /** @internal */
  readonly handle: NativeHandle<"Program">;

  private constructor(handle: NativeHandle<"Program">) {
    this.handle = handle;
  }

  /**
   * @param first, second - Two records of the same step, on batches with other values.
   * @throws Error that says why, if the records differ or cannot be replayed.
   * @internal
   */
  static build(first: StepRecord, second: StepRecord, arena: Arena): Program {
    return new Program(native.makeProgram(first.handle, second.handle, arena.handle));
  }

  /** Whether a run draws random numbers. */
  get isRandom(): boolean {
    return native.programIsRandom(this.handle);
  }

  /**
   * What the step gives for these inputs, on this thread: copies, made in JavaScript's memory. For tests.
   *
   * @returns gradients of those parameters that get one, in their order
   * @internal
   */
  run(inputs: readonly Tensor[]): { outputs: Tensor[]; gradients: Tensor[] } {
    return native.programRun(this.handle, inputs);
  }

  /** One line per instruction. */
  toString(): string {
    return native.programToString(this.handle);
  }

  dispose(): void {
    native.programDispose(this.handle);
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}
