// Calls of native functions: what they ask for with one argument swapped for a hostile value, or hostile values alone.
import { readFileSync } from "node:fs";
import { tensor } from "../../lib/torch/creation.ts";
import { dtypes } from "../../lib/torch/dtype.ts";
import { threadOptions } from "../../lib/torch/engine/index.ts";
import { native } from "../../lib/torch/native.ts";
import type { NativeApi } from "../../lib/torch/native-api.ts";
import { BatchNorm1d } from "../../lib/torch/nn/index.ts";
import { Generator } from "../../lib/torch/random.ts";
import type { Tensor } from "../../lib/torch/tensor.ts";
import { type Draw, pick } from "../draw.ts";
import { goldenPath } from "../torch/jit/archives.ts";
import {
  makeArena,
  makeInput,
  makePlan,
  makeProgram,
  makeRecord,
  makeThread,
  recordable,
} from "./hostile-programs.ts";
import { adam, hostileValue, makeModule, makeOptimizer, sgd } from "./hostile-values.ts";

const leaf = (): Tensor =>
  tensor(
    [
      [1, 2],
      [3, 4],
    ],
    { requiresGrad: true },
  );
const output = (): Tensor => leaf().exp().sum();
const withGradient = (): Tensor => {
  const made = leaf();
  made.grad = tensor([
    [1, 1],
    [1, 1],
  ]);
  return made;
};
const indices = (draw: Draw): unknown[] => [
  pick<unknown>(draw, [0, -1, null, "...", true, [0, 1], tensor([1n]), tensor([true, false])]),
];
const makeSums = (draw: Draw) => native.makeGradientSums(makeOptimizer(draw) as never);
const makeSumsOrNull = (draw: Draw) => (draw() < 0.5 ? null : makeSums(draw));
const boolean = (draw: Draw): boolean => draw() < 0.5;
const one = (): number => 1;
const bytes = (): Uint8Array => new Uint8Array(16);
const shape = (): number[] => [2, 2];
const dtype = (draw: Draw): string => pick(draw, dtypes);
const generator = (draw: Draw): Generator | null => (draw() < 0.5 ? null : new Generator());
const state = (): Tensor => new Generator().getState();
const fresh = (): object => ({});
const scriptBytes = readFileSync(goldenPath("methods"));
const script = () => native.scriptLoad(scriptBytes, "cpu");
const place = () => ({ dtype: "uint8", shape: [2, 3], strides: [3, 1], offset: 4 });

/** What each function asks for. The two without are given hostile values alone. */
const fitting: Record<
  Exclude<keyof NativeApi, "setTensorClass" | "operator">,
  ((draw: Draw) => unknown)[]
> = {
  tensorAdopt: [fresh, leaf],
  tensorShare: [fresh, leaf],
  tensorShape: [leaf],
  tensorStrides: [leaf],
  tensorDtype: [leaf],
  tensorDevice: [leaf],
  tensorDispose: [leaf],
  tensorIsDisposed: [leaf],
  tensorIsSame: [leaf, leaf],
  tensorStorage: [leaf],
  tensorSetData: [leaf, leaf],
  memory: [],
  tensorFromTypedArray: [() => new Float32Array(4), shape, dtype, () => "cpu"],
  tensorToTypedArray: [leaf],
  tensorFromBytes: [bytes, shape, () => "float32"],
  tensorToBytes: [leaf],
  tensorItem: [output],
  tensorIndex: [leaf, indices],
  tensorIndexPut: [() => leaf().detach(), indices, one],
  operatorSchemas: [],
  backward: [() => [output()], () => null, boolean, boolean, () => []],
  grad: [() => [output()], () => [leaf()], () => null, boolean, boolean, () => true],
  isGradEnabled: [],
  setGradEnabled: [boolean],
  requiresGrad: [leaf],
  setRequiresGrad: [leaf, boolean],
  isLeaf: [leaf],
  getGrad: [withGradient],
  setGrad: [leaf, leaf],
  retainGrad: [output],
  autocast: [() => "cpu", () => "bfloat16", boolean, boolean, () => one],
  isAutocastEnabled: [() => "cpu"],
  mapFile: [() => goldenPath("methods"), () => 64, () => [place()]],
  scriptLoad: [() => scriptBytes, () => "cpu"],
  scriptModules: [script],
  scriptCall: [script, () => "forward", () => [leaf(), 2, true, null]],
  scriptTensor: [script, () => "scale", () => null],
  scriptSetTraining: [script, boolean],
  scriptFormatVersions: [],
  manualSeed: [one],
  generatorInit: [fresh, () => "cpu"],
  generatorSeed: [generator, one],
  generatorInitialSeed: [generator],
  generatorGetState: [generator],
  generatorSetState: [generator, state],
  openCudaLibrary: [() => "no such library"],
  cudaDeviceCount: [],
  checkDevice: [() => "cpu", () => "test"],
  setNumThreads: [one],
  getNumThreads: [],
  version: [],
  moduleInit: [
    fresh,
    () => "Linear",
    (draw) => ({ inFeatures: 2, outFeatures: 3, bias: true, dtype: dtype(draw), device: "meta" }),
  ],
  moduleForward: [makeModule, () => [tensor([[1, 2]])], boolean],
  moduleTensors: [makeModule],
  moduleSetTensor: [makeModule, () => "weight", leaf],
  batchNormSetMomentum: [() => new BatchNorm1d(2), one],
  optimizerInit: [fresh, boolean, boolean],
  optimizerAddGroup: [makeOptimizer, () => "sgd", () => [leaf()], () => sgd],
  optimizerSetOptions: [makeOptimizer, () => "sgd", () => 0, () => sgd],
  optimizerSetGradientOrder: [makeOptimizer, () => [leaf()]],
  optimizerStep: [makeOptimizer, one],
  optimizerZeroGrad: [makeOptimizer],
  optimizerState: [makeOptimizer],
  optimizerLoadState: [makeOptimizer, () => "adam", () => [adam], () => [{}]],
  optimizerDispose: [makeOptimizer],
  clipGradNorm: [() => [withGradient()], one, () => 2, boolean],
  clipGradValue: [() => [withGradient()], one],
  scheduleRates: [() => "exponential", one, () => ({ gamma: 0.5 }), one, one, one, () => 4, () => null],
  epilogue: [makeOptimizer, () => [output()], one, one, () => true, makeSumsOrNull, boolean],
  makeGradientSums: [makeOptimizer],
  gradientSumsTensors: [makeSums],
  gradientSumsLoad: [makeSums, () => [leaf()]],
  gradientSumsDispose: [makeSums],
  recordStep: recordable,
  recordForgetsSaved: [() => false],
  recordPart: [() => "a part"],
  recordRefusal: [makeRecord],
  recordDispose: [makeRecord],
  makeArena: [() => "cpu"],
  makeProgram: [makeRecord, makeRecord, makeArena],
  programIsRandom: [makeProgram],
  programToString: [makeProgram],
  programRun: [makeProgram, () => [makeInput()]],
  programDispose: [makeProgram],
  makeTrainingThread: [() => ({ ...threadOptions, asOnDevice: true })],
  trainingThreadRun: [makeThread, makePlan],
  trainingThreadProgress: [makeThread],
  trainingThreadAbort: [makeThread],
  trainingThreadDispose: [makeThread],
};

export function hostileArguments(name: string, draw: Draw): unknown[] {
  const asked = Object.entries(fitting).find(([known]) => known === name)?.[1];
  const values: unknown[] = [];
  if (asked === undefined || asked.length === 0 || draw() < 0.3) {
    const count = Math.floor(draw() * 8);
    while (values.length < count) values.push(hostileValue(draw, values));
    return values;
  }
  for (const make of asked) values.push(make(draw));
  // Last, so that it can be a trap for all others.
  const swapped = Math.floor(draw() * values.length);
  if (draw() < 0.8) values[swapped] = hostileValue(draw, values.toSpliced(swapped, 1));
  return values;
}
