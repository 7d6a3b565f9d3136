import type { ThreadOptions, TrainingPlan, TrainingResult } from "./engine/training-thread.ts";
import type { MappedPlace } from "./from-file.ts";
import type { TensorIndex } from "./indexing.ts";
import type { ScriptDescription, ScriptValue } from "./jit/script-module.ts";
import type { NativeModule } from "./nn/native-module.ts";
import type { EpilogueResult } from "./optim/epilogue.ts";
import type { Optimizer } from "./optim/optimizer.ts";
import type { Generator } from "./random.ts";
import type { Tensor } from "./tensor.ts";

/** An object that native code made and only native code reads. */
declare const opaque: unique symbol;
export interface NativeHandle<Name extends string> {
  readonly [opaque]: Name;
}

/** A call of an ATen operator: its arguments by position, then an object literal with the rest. */
export type NativeOperator = (...args: unknown[]) => unknown;

/** What the shim (native/shim.cc) exports; each function is described where it is defined there. */
export interface NativeApi {
  // native/torch/tensor.cc
  setTensorClass(tensorClass: new () => Tensor): void;
  tensorAdopt(instance: Tensor, tensor: Tensor): void;
  tensorShare(instance: Tensor, tensor: Tensor): void;
  tensorShape(tensor: Tensor): number[];
  tensorStrides(tensor: Tensor): number[];
  tensorDtype(tensor: Tensor): string;
  tensorDevice(tensor: Tensor): string;
  tensorDispose(tensor: Tensor): void;
  tensorIsDisposed(tensor: Tensor): boolean;
  tensorIsSame(tensor: Tensor, other: Tensor): boolean;
  tensorStorage(tensor: Tensor): { id: bigint; bytes: number; offset: number } | null;
  tensorSetData(tensor: Tensor, data: Tensor): void;
  memory(): { tensors: number; bytes: number };

  // native/torch/elements.cc
  tensorFromTypedArray(
    data: NodeJS.TypedArray,
    shape: readonly number[],
    dtype: string,
    device: string,
  ): Tensor;
  tensorToTypedArray(tensor: Tensor): NodeJS.TypedArray;
  tensorFromBytes(bytes: Uint8Array, shape: readonly number[], dtype: string): Tensor;
  tensorToBytes(tensor: Tensor): Uint8Array;
  tensorItem(tensor: Tensor): number | bigint | boolean;

  // native/torch/indexing.cc
  tensorIndex(tensor: Tensor, indices: readonly TensorIndex[]): Tensor;
  tensorIndexPut(
    tensor: Tensor,
    indices: readonly TensorIndex[],
    value: Tensor | number | bigint | boolean,
  ): void;

  // native/torch/operators.cc
  operator(name: string, schemas: readonly string[]): NativeOperator;
  operatorSchemas(): string[];

  // native/torch/autograd.cc
  backward(
    tensors: readonly Tensor[],
    gradients: readonly (Tensor | null)[] | null,
    retainGraph: boolean,
    createGraph: boolean,
    inputs: readonly Tensor[],
  ): void;
  grad(
    outputs: readonly Tensor[],
    inputs: readonly Tensor[],
    gradients: readonly (Tensor | null)[] | null,
    retainGraph: boolean,
    createGraph: boolean,
    allowUnused: boolean,
  ): (Tensor | null)[];
  isGradEnabled(): boolean;
  setGradEnabled(enabled: boolean): void;
  requiresGrad(tensor: Tensor): boolean;
  setRequiresGrad(tensor: Tensor, requiresGrad: boolean): void;
  isLeaf(tensor: Tensor): boolean;
  getGrad(tensor: Tensor): Tensor | null;
  setGrad(tensor: Tensor, gradient: Tensor | null): void;
  retainGrad(tensor: Tensor): void;

  // native/torch/autocast.cc
  autocast<T>(device: string, dtype: string, enabled: boolean, cacheEnabled: boolean, run: () => T): T;
  isAutocastEnabled(device: string): boolean;

  // native/torch/random.cc
  manualSeed(seed: number | bigint): void;
  generatorInit(instance: Generator, device: string): void;
  generatorSeed(generator: Generator | null, seed: number | bigint): void;
  generatorInitialSeed(generator: Generator | null): bigint;
  generatorGetState(generator: Generator | null): Tensor;
  generatorSetState(generator: Generator | null, state: Tensor): void;

  // native/torch/device.cc
  cudaDeviceCount(): number;
  checkDevice(device: unknown, where: string): string;
  setNumThreads(count: number): void;
  getNumThreads(): number;
  version(): string;

  // native/torch/cuda_library.cc
  openCudaLibrary(path: string): void;

  // native/torch/mapped_file.cc
  mapFile(path: string, size: number, places: readonly MappedPlace[]): Tensor[];

  // native/torch/script_module.cc
  scriptLoad(bytes: Buffer, device: string): NativeHandle<"ScriptModule">;
  scriptModules(module: NativeHandle<"ScriptModule">): ScriptDescription[];
  scriptCall(
    module: NativeHandle<"ScriptModule">,
    method: string,
    args: readonly (ScriptValue | undefined)[],
  ): ScriptValue;
  scriptTensor(module: NativeHandle<"ScriptModule">, name: string, held: Tensor | null): Tensor;
  scriptSetTraining(module: NativeHandle<"ScriptModule">, mode: boolean): void;
  scriptFormatVersions(): number[];

  // native/torch/nn/module_handle.cc
  moduleInit(instance: NativeModule, kind: string, options: object): void;
  moduleForward(instance: NativeModule, inputs: readonly Tensor[], training: boolean): Tensor;
  moduleTensors(instance: NativeModule): { name: string; isBuffer: boolean; tensor: Tensor | null }[];
  moduleSetTensor(instance: NativeModule, name: string, tensor: Tensor | null): void;

  // native/torch/nn/batch_norm.cc
  batchNormSetMomentum(instance: NativeModule, momentum: number | null): void;

  // native/torch/optim/optimizer_handle.cc
  optimizerInit(instance: Optimizer, isFused: boolean, hasMasters: boolean): void;
  optimizerAddGroup(optimizer: Optimizer, kind: string, parameters: readonly Tensor[], options: object): void;
  optimizerSetOptions(optimizer: Optimizer, kind: string, group: number, options: object): void;
  optimizerSetGradientOrder(optimizer: Optimizer, parameters: readonly Tensor[]): void;
  optimizerStep(optimizer: Optimizer, rates: number | readonly number[]): void;
  optimizerZeroGrad(optimizer: Optimizer): void;
  optimizerState(optimizer: Optimizer): (Record<string, Tensor> | null)[];
  optimizerLoadState(
    optimizer: Optimizer,
    kind: string,
    options: readonly object[],
    states: readonly (Record<string, Tensor> | null)[],
  ): void;
  optimizerDispose(optimizer: Optimizer): void;

  // native/torch/optim/clip.cc
  clipGradNorm(
    parameters: readonly Tensor[],
    maxNorm: number,
    normType: number,
    errorIfNonfinite: boolean,
  ): number;
  clipGradValue(parameters: readonly Tensor[], clipValue: number): void;

  // native/torch/optim/schedules.cc
  scheduleRates(
    kind: string,
    rate: number,
    options: object,
    warmupSteps: number,
    minRate: number,
    firstStep: number,
    count: number,
    before: number | null,
  ): Float64Array;

  // native/engine/epilogue.cc
  epilogue(
    optimizer: Optimizer,
    losses: readonly Tensor[],
    rates: number | readonly number[],
    gradClip: number,
    checkFinite: boolean,
    sums: NativeHandle<"GradientSums"> | null,
    isUpdate: boolean,
  ): EpilogueResult;

  // native/engine/gradient_sums_handle.cc
  makeGradientSums(optimizer: Optimizer): NativeHandle<"GradientSums">;
  gradientSumsTensors(sums: NativeHandle<"GradientSums">): (Tensor | null)[];
  gradientSumsLoad(sums: NativeHandle<"GradientSums">, tensors: readonly (Tensor | null)[]): void;
  gradientSumsDispose(sums: NativeHandle<"GradientSums">): void;

  // native/engine/program_handle.cc
  recordStep(
    inputs: readonly Tensor[],
    persistent: readonly Tensor[],
    parameters: readonly Tensor[],
    step: () => readonly Tensor[],
  ): NativeHandle<"Record">;
  recordPart(name: string): void;
  recordRefusal(record: NativeHandle<"Record">): string | null;
  recordDispose(record: NativeHandle<"Record">): void;
  recordForgetsSaved(on: boolean): void;
  makeArena(device: string): NativeHandle<"Arena">;
  makeProgram(
    first: NativeHandle<"Record">,
    second: NativeHandle<"Record">,
    arena: NativeHandle<"Arena">,
  ): NativeHandle<"Program">;
  programIsRandom(program: NativeHandle<"Program">): boolean;
  programToString(program: NativeHandle<"Program">): string;
  programRun(
    program: NativeHandle<"Program">,
    inputs: readonly Tensor[],
  ): { outputs: Tensor[]; gradients: Tensor[] };
  programDispose(program: NativeHandle<"Program">): void;

  // native/engine/training_thread_handle.cc
  makeTrainingThread(options: ThreadOptions): NativeHandle<"TrainingThread">;
  trainingThreadRun(thread: NativeHandle<"TrainingThread">, plan: TrainingPlan): Promise<TrainingResult>;
  trainingThreadProgress(thread: NativeHandle<"TrainingThread">): number;
  trainingThreadAbort(thread: NativeHandle<"TrainingThread">): void;
  trainingThreadDispose(thread: NativeHandle<"TrainingThread">): void;
}
