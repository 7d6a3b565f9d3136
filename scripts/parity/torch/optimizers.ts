// PyTorch's optimizers and gradient clipping beside ours, as scripts/goldens/optim.py recorded them.
import { native } from "../../../lib/torch/native.ts";
import { Parameter } from "../../../lib/torch/nn/parameter.ts";
import {
  Adagrad,
  Adam,
  Adamax,
  AdamW,
  clipGradNorm,
  clipGradValue,
  NAdam,
  type Optimizer,
  type OptimizerStateDict,
  type ParameterGroup,
  RAdam,
  RMSprop,
  SGD,
} from "../../../lib/torch/optim/index.ts";
import { scope } from "../../../lib/torch/scope.ts";
import type { Tensor } from "../../../lib/torch/tensor.ts";
import type { Row } from "./row.ts";

const classes = { SGD, Adam, AdamW, Adamax, RMSprop, Adagrad, NAdam, RAdam };

type Implementation = "fused" | "foreach";
type Options = Record<string, unknown>;

interface RecordedTensor {
  dtype: string;
  shape: number[];
  data: string;
}

interface RecordedState {
  state: Record<number, Record<string, RecordedTensor>>;
  param_groups: ParameterGroup[];
}

export interface OptimizedCase {
  kind: keyof typeof classes;
  options: Options;
  groups: ({ params: number[] } & Options)[];
  /** The place of a parameter that never gets a gradient. */
  frozen: number | null;
  after: Record<number, string[]>;
  saved: RecordedState;
  final: RecordedState;
}

interface ClippedCase {
  step: number;
  parameters: number[];
  clipped: string[];
}

export interface OptimizerGoldens {
  late: number;
  skipped: number;
  added: number;
  saved: number;
  changed: number;
  change: Options;
  parameters: { shape: number[]; dtype: string; initial: string }[];
  gradients: string[][];
  optimized: OptimizedCase[];
  clipped: (ClippedCase & { maxNorm: number; normType: number | "Infinity"; norm: number })[];
  clippedValues: (ClippedCase & { clipValue: number })[];
}

/** The largest difference that the fused kernels may make in 32 steps. */
const fusedBound = 5e-6;

/** Compares "foreach", "foreach" that goes on from Python's state, "fused", and clipping with Python's. */
export function compareOptimizers(goldens: OptimizerGoldens): Row[] {
  const rows: Row[] = [];
  const add = (name: string, difference: number, bound = 0) =>
    rows.push({ part: "optimizer", name, difference, bound });
  for (const run of goldens.optimized) {
    const name = nameOf(run);
    scope(() => {
      add(`${name} foreach`, compareWhole(goldens, run, "foreach"));
      add(`${name} foreach, from Python's state`, compareResumed(goldens, run));
      add(`${name} fused`, compareWhole(goldens, run, "fused"), fusedBound);
    });
  }
  for (const clip of goldens.clipped) {
    const { maxNorm, normType, norm } = clip;
    const parameters = parametersToClip(goldens, clip);
    const ours = clipGradNorm(parameters, maxNorm, { normType: Number(normType) });
    const difference = Math.max(distance([ours], [norm]), differenceOfClipped(goldens, clip, parameters));
    add(`clipGradNorm ${normType} of ${parameters.length} gradients, ${norm}, to ${maxNorm}`, difference);
  }
  for (const clip of goldens.clippedValues) {
    const parameters = parametersToClip(goldens, clip);
    clipGradValue(parameters, clip.clipValue);
    add(`clipGradValue ${clip.clipValue}`, differenceOfClipped(goldens, clip, parameters));
  }
  return rows;
}

function nameOf({ kind, options, groups, frozen }: OptimizedCase): string {
  const several = groups.length > 1 ? ` in ${groups.length} groups` : "";
  return `${kind} ${JSON.stringify(options)}${several}${frozen === null ? "" : ", one frozen"}`;
}

/** A recorded tensor, of the shape and dtype of the parameter at that place. */
export function decode({ parameters }: OptimizerGoldens, text: string, place: number): Tensor {
  const { shape = [], dtype = "" } = parameters[place] ?? {};
  return native.tensorFromBytes(Buffer.from(text, "base64"), shape, dtype);
}

/** The bits of a tensor, as they are recorded. */
export function encode(tensor: Tensor | null): string {
  return tensor === null ? "" : Buffer.from(native.tensorToBytes(tensor)).toString("base64");
}

/** Gives the parameters their gradients of a step, as the golden script does. */
export function setGradients(
  goldens: OptimizerGoldens,
  parameters: readonly Parameter[],
  step: number,
  frozen: number | null = null,
): void {
  const { late, skipped, gradients } = goldens;
  for (const [place, text] of (gradients[step] ?? []).entries()) {
    const isLate = place === goldens.parameters.length - 1 && (step < late || step === skipped);
    const parameter = parameters[place];
    if (parameter === undefined) continue;
    parameter.grad = isLate || place === frozen ? null : decode(goldens, text, place);
  }
}

/** All steps with one optimizer: the difference of the parameters and of the state. */
function compareWhole(goldens: OptimizerGoldens, run: OptimizedCase, implementation: Implementation): number {
  const parameters = goldens.parameters.map(({ initial }, place) =>
    makeParameter(goldens, run, initial, place),
  );
  const groups = groupsOf(run, parameters);
  const later = groups.length > 1 ? groups.pop() : undefined;
  const optimizer = make(run, groups, implementation);
  let difference = 0;
  for (const step of goldens.gradients.keys()) {
    if (step === goldens.added && later !== undefined) optimizer.addParamGroup(later);
    if (step === goldens.changed) Object.assign(optimizer.paramGroups[0] ?? {}, camel(goldens.change));
    setGradients(goldens, parameters, step, run.frozen);
    optimizer.step();
    difference = Math.max(difference, differenceOfParameters(goldens, run, parameters, step));
    if (step === goldens.saved) {
      difference = Math.max(difference, differenceOfState(run, optimizer.stateDict(), run.saved));
    }
  }
  return Math.max(difference, differenceOfState(run, optimizer.stateDict(), run.final));
}

/** The second half of the steps, from Python's parameters and state in between. */
function compareResumed(goldens: OptimizerGoldens, run: OptimizedCase): number {
  const parameters = (run.after[goldens.saved] ?? []).map((text, place) =>
    makeParameter(goldens, run, text, place),
  );
  const optimizer = make(run, groupsOf(run, parameters), "foreach");
  optimizer.loadStateDict(stateDictOf(run.saved));
  for (let step = goldens.saved + 1; step < goldens.gradients.length; step++) {
    if (step === goldens.changed) Object.assign(optimizer.paramGroups[0] ?? {}, camel(goldens.change));
    setGradients(goldens, parameters, step, run.frozen);
    optimizer.step();
  }
  return Math.max(
    differenceOfParameters(goldens, run, parameters, goldens.gradients.length - 1),
    differenceOfState(run, optimizer.stateDict(), run.final),
  );
}

function makeParameter(
  goldens: OptimizerGoldens,
  run: OptimizedCase,
  text: string,
  place: number,
): Parameter {
  return new Parameter(decode(goldens, text, place), { requiresGrad: place !== run.frozen });
}

function make(run: OptimizedCase, groups: object[], implementation: Implementation): Optimizer {
  return new classes[run.kind](groups as never, { ...camel(run.options), implementation });
}

function groupsOf(run: OptimizedCase, parameters: readonly Parameter[]) {
  return run.groups.map(({ params, ...options }) => ({
    params: params.map((place) => parameters[place] as Parameter),
    ...camel(options),
  }));
}

function camel(options: Options): Options {
  const spell = (name: string) => name.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase());
  return Object.fromEntries(Object.entries(options).map(([name, value]) => [spell(name), value]));
}

function stateDictOf({ state, param_groups }: RecordedState): OptimizerStateDict {
  const tensors = Object.entries(state).map(([place, entries]) => [
    place,
    Object.fromEntries(Object.entries(entries).map(([name, tensor]) => [name, decodeAlone(tensor)])),
  ]);
  return { state: Object.fromEntries(tensors), param_groups };
}

function decodeAlone({ data, shape, dtype }: RecordedTensor): Tensor {
  return native.tensorFromBytes(Buffer.from(data, "base64"), shape, dtype);
}

function differenceOfParameters(
  goldens: OptimizerGoldens,
  run: OptimizedCase,
  parameters: readonly Parameter[],
  step: number,
): number {
  const recorded = run.after[step] ?? [];
  return Math.max(
    0,
    ...recorded.map((text, i) => difference(parameters[i] as Parameter, decode(goldens, text, i))),
  );
}

/** NaN unless names, shapes, dtypes and the options of the groups are the same too. */
function differenceOfState(run: OptimizedCase, ours: OptimizerStateDict, python: RecordedState): number {
  const isSame = ours.param_groups.every((group, i) =>
    Object.entries(group).every(
      ([name, value]) => JSON.stringify(value) === JSON.stringify(python.param_groups[i]?.[name]),
    ),
  );
  if (!isSame || ours.param_groups.length !== python.param_groups.length) return Number.NaN;
  const order = run.groups.flatMap(({ params }) => params);
  return Math.max(
    0,
    ...order.map((place, i) => {
      const entries = ours.state[i];
      // Python's Adagrad makes the state of a parameter before its first gradient, ours with it.
      if (place === run.frozen && entries === undefined) return 0;
      const recorded = python.state[i] ?? {};
      if (JSON.stringify(Object.keys(entries ?? {})) !== JSON.stringify(Object.keys(recorded)))
        return Number.NaN;
      const pairs = Object.entries(entries ?? {});
      return Math.max(
        0,
        ...pairs.map(([name, tensor]) => difference(tensor, decodeAlone(recorded[name] as RecordedTensor))),
      );
    }),
  );
}

function parametersToClip(goldens: OptimizerGoldens, { step, parameters }: ClippedCase): Parameter[] {
  return parameters.map((place) => {
    const gradient = decode(goldens, goldens.gradients[step]?.[place] ?? "", place);
    const parameter = new Parameter(gradient.clone());
    parameter.grad = gradient;
    return parameter;
  });
}

function differenceOfClipped(
  goldens: OptimizerGoldens,
  { parameters: places, clipped }: ClippedCase,
  parameters: readonly Parameter[],
): number {
  return Math.max(
    ...places.map((place, i) =>
      difference(parameters[i]?.grad as Tensor, decode(goldens, clipped[i] ?? "", place)),
    ),
  );
}

/** The largest difference relative to the largest element; 0 for the same bits alone, NaN for other dtypes or shapes. */
function difference(ours: Tensor, python: Tensor): number {
  if (ours.dtype !== python.dtype || String(ours.shape) !== String(python.shape)) return Number.NaN;
  if (encode(ours) === encode(python)) return 0;
  const [actual, wanted] = [ours, python].map((tensor) => Array.from(tensor.toTypedArray(), Number));
  return Math.max(distance(actual as number[], wanted as number[]), Number.MIN_VALUE);
}

/** The scale is at least that of the parameters at the start: a lone element near 0 would make much of nothing. */
function distance(actual: readonly number[], wanted: readonly number[]): number {
  const scale = Math.max(1, ...wanted.map(Math.abs));
  return Math.max(...wanted.map((value, i) => Math.abs(value - (actual[i] ?? Number.NaN)) / scale));
}
