import { native } from "../native.ts";
import type { NativeHandle } from "../native-api.ts";
import type { Optimizer } from "../optim/optimizer.ts";
import type { Tensor } from "../tensor.ts";

/** Where one input of a program comes from: the examples of a batch are picked by position. */
export type InputSource =
  | { kind: "rows"; tensor: Tensor }
  | {
      kind: "ragged";
      /** The values of all examples, one after the other: `[total]`. */
      values: Tensor;
      /** Example `i` lies from `offsets[i]` up to, without, `offsets[i + 1]`. */
      offsets: Int32Array;
      padValue: number;
      leftPadded: boolean;
      /** What longer examples are cut to; 0 for never. */
      maxLen: number;
      /** The padded matrix, where it is padding, or how many values each row has. The input says how wide it is. */
      what: "values" | "mask" | "lengths";
    };

/** A program of a plan. */
export interface RunProgram {
  program: NativeHandle<"Program">;
  /** By input; null if its steps are given tensors. */
  sources: readonly InputSource[] | null;
  /** For each output, which running sum it adds to. */
  names: readonly number[];
}

/** What a thread is to do. Nothing of it may be changed until it is done. */
export interface TrainingPlan {
  programs: readonly RunProgram[];
  /** The program of each step. */
  steps: Int32Array;
  /** Of all steps' examples, one after the other. */
  positions: Int32Array;
  /** Where each step's positions start, and where the last ones end: `[steps + 1]`. */
  starts: Int32Array;
  /** By step: the inputs of those whose program has no sources. */
  given: readonly (readonly Tensor[] | null)[];
  /** For each output of each step, one after the other: of how many points it is the mean loss. */
  counts: Float64Array;
  /** By running sum: what the sums of loss times count, and of counts, go on from. */
  losses: Float64Array;
  points: Float64Array;
  /** What updates the parameters; null for predictions. */
  optimizer: Optimizer | null;
  /** The norm to clip the gradients to; 0 for none. */
  gradClip: number;
  /** The learning rate of each step, for each parameter group. */
  rates: readonly Float64Array[];
  /**
   * What the gradients of the steps are added to, and after which of them (1, otherwise 0) the parameters are updated by
   * the sums, at the rates of that step. Null, the default: each step updates the parameters by its own.
   */
  accumulation?: { sums: NativeHandle<"GradientSums">; updates: Int32Array } | null;
  /**
   * For predictions, by program and output: the tensors whose rows the outputs become. Those of a step start at its
   * `starts`. Null for training.
   */
  destinations: readonly (readonly Tensor[])[] | null;
}

/** How threads do what is to be done on a CUDA device. */
export interface ThreadOptions {
  /** How many bytes of datasets are copied to the device as a whole; null for a quarter of its free memory. */
  dataBytes: number | null;
  /** Whether steps become CUDA graphs where they can. */
  graphs: boolean;
  /** Whether what is on the CPU is done as if it were on a device. For tests. */
  asOnDevice: boolean;
  /** Whether it is an error if a step waits for the device. For tests. */
  forbidWaiting: boolean;
}

/** Those that threads are made with; tests change them. */
export const threadOptions: ThreadOptions = {
  dataBytes: null,
  graphs: true,
  asOnDevice: false,
  forbidWaiting: false,
};

/** What a thread did. A step that failed, or one after an abort, has changed no parameter. */
export interface TrainingResult {
  /** How many steps. */
  done: number;
  /** By running sum: of loss times count. */
  losses: Float64Array;
  /** By running sum: of counts. */
  points: Float64Array;
  /** The output of step `done` that is infinite or NaN. */
  badLoss: { output: number; value: number } | null;
  /** Of the optimizer's parameters, the first whose gradient in step `done` is not finite. */
  badGradient: number | null;
  /** What went wrong in step `done`. */
  error: string | null;
  /** Why the steps of some program could not become CUDA graphs; null if they could, and after the first time. */
  warning: string | null;
  /** Whether there were steps left when it was aborted. */
  aborted: boolean;
}

/** The threads that are at work: they have to end before the process does, or it may crash on its way out. */
const running = new Set<NativeHandle<"TrainingThread">>();
let isWatchingExit = false;

/**
 * A thread that trains or predicts by programs, without JavaScript. While it does, nothing that it uses can be written or
 * disposed.
 */
export class TrainingThread {
  readonly #handle = native.makeTrainingThread(threadOptions);
  #hasWarned = false;

  /**
   * Carries out a plan, one at a time.
   *
   * @throws TypeError for a plan that is not well formed, and Error if something of it is in use already.
   */
  async run(plan: TrainingPlan): Promise<TrainingResult> {
    watchExit();
    const result = native.trainingThreadRun(this.#handle, plan);
    running.add(this.#handle);
    try {
      this.#warn((await result).warning);
      return await result;
    } finally {
      running.delete(this.#handle);
    }
  }

  #warn(warning: string | null): void {
    if (warning === null || this.#hasWarned) return;
    this.#hasWarned = true;
    process.emitWarning(`[TrainingThread] some steps run without CUDA graphs: ${warning}`);
  }

  /** How many steps of the plan are done. */
  get progress(): number {
    return native.trainingThreadProgress(this.#handle);
  }

  /** Ends the plan before its next step. */
  abort(): void {
    native.trainingThreadAbort(this.#handle);
  }

  /** Aborts and waits for the step that is being done. */
  dispose(): void {
    native.trainingThreadDispose(this.#handle);
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}

/** Node does not run the cleanup hooks of native code on `process.exit()`. */
function watchExit(): void {
  if (isWatchingExit) return;
  isWatchingExit = true;
  process.on("exit", () => {
    for (const handle of running) native.trainingThreadDispose(handle);
  });
}
