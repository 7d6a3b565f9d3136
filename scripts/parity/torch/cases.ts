// How the cases of scripts/goldens/nn_cases.py are run here, and compared with what Python recorded.
import {
  manualSeed,
  nn,
  rand,
  randint,
  randn,
  stack,
  Tensor,
  tensor,
  unique,
} from "../../../lib/torch/index.ts";
import type { UniqueOptions } from "../../../lib/torch/tensor-conveniences.ts";
import { difference } from "./golden-tensor.ts";
import type { Row } from "./row.ts";

/** A tensor, or a value, as nn_cases.py describes it: `{ "randn": [2, 3] }`. */
type Spec = Record<string, never>;

/** A tensor as golden-tensor.ts reads it. */
type Recorded = string;

export interface Case {
  kind: "module" | "function";
  name: string;
  arguments?: unknown[];
  inputs: Spec[];
  call?: Record<string, unknown>;
  outputs: (Recorded | null)[];
  inputGradients: (Recorded | null)[];
  repr?: string;
  initial?: Record<string, Recorded>;
  gradients?: Record<string, Recorded | null>;
  evaluated?: (Recorded | null)[];
}

export interface Goldens {
  seed: number;
  cases: Case[];
}

type Callable = (...values: unknown[]) => unknown;

const draws: Record<string, (given: never) => unknown> = {
  value: (given) => given,
  tensor: (given) => tensor(given, { dtype: "int64" }),
  randn: (given) => randn(given).requiresGrad_(),
  rand: (given) => rand(given).requiresGrad_(),
  learned: (given) => new nn.Parameter(randn(given)),
  copied: (given) => randn(given).requiresGrad_().mul(1),
  logProbs: (given) => randn(given).logSoftmax(-1).requiresGrad_(),
  randint: ([low, high, shape]: [number, number, number[]]) => randint(low, high, shape),
  zeroOrOne: (given) => randint(0, 2, given).to("float32"),
  sign: (given) => randint(0, 2, given).to("float32").mul(2).sub(1),
  weights: (given) => rand(given),
  floatMask: (given) => randn(given),
  boolMask: (given) => {
    const mask = rand(given).lt(0.4);
    mask.select(-1, 0).fill_(false);
    return mask;
  },
  causal: (given) => nn.Transformer.generateSquareSubsequentMask(given),
};

/** The functions that the cases name and torch.nn does not have. */
const own: Record<string, Callable> = {
  unique: (input, options) => unique(input as Tensor, options as UniqueOptions),
  manhattan: (a, b) =>
    (a as Tensor)
      .sub(b as Tensor)
      .abs()
      .sum(-1),
};

function drawn(spec: Spec): unknown {
  const [kind = "", given] = Object.entries(spec)[0] ?? [];
  const draw = draws[kind];
  if (draw === undefined) throw new Error(`[cases] expected a kind of input, got ${kind}`);
  return draw(given as never);
}

function find<T>(space: object, name: string): T {
  const found = own[name] ?? (space as Record<string, unknown>)[name];
  if (found === undefined) throw new Error(`[cases] expected a part of torch.nn, got ${name}`);
  return found as T;
}

/** An argument with what is in it: options, or a function, a module or a tensor to be made. */
function revive(value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  const [[kind = "", content] = []] = Object.entries(value);
  if (kind === "function") return find(nn.functional, content as string);
  if (kind === "module") return make(...(content as [string, unknown[]]));
  if (kind in draws) return drawn(value as Spec);
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, revive(field)]));
}

function make(name: string, args: unknown[]): nn.Module {
  const ModuleClass = find<new (...args: unknown[]) => nn.Module>(nn, name);
  return new ModuleClass(...args.map(revive));
}

/** Python's tuples are arrays here, or objects with named fields. */
function outputsOf(output: unknown): (Tensor | null)[] {
  if (output instanceof Tensor) return [output];
  return (Array.isArray(output) ? output : Object.values(output as object)) as (Tensor | null)[];
}

function differences<T extends Recorded | null>(
  actual: readonly (readonly [string, Tensor | null])[],
  wanted: Readonly<Record<string, T>>,
): number[] {
  const names = actual.map(([name]) => name);
  if (`${names}` !== `${Object.keys(wanted)}`) return [Number.NaN];
  return actual.map(([name, value]) => difference(value, wanted[name] ?? null));
}

function inOrder<T extends Recorded | null>(
  actual: readonly (Tensor | null)[],
  wanted: readonly T[],
): number[] {
  const named = actual.map((value, i) => [String(i), value] as const);
  return differences(named, Object.fromEntries(wanted.entries()));
}

/** NaN, which is the worst, or the largest. */
function worst(all: readonly number[]): number {
  return Math.max(0, ...all);
}

function call(run: Callable, golden: Case): { inputs: unknown[]; options: unknown[]; found: number[] } {
  const inputs = golden.inputs.map(drawn);
  const options = golden.call === undefined ? [] : [revive(golden.call)];
  const outputs = outputsOf(run(...inputs, ...options));
  const learning = outputs.filter((output) => output?.requiresGrad) as Tensor[];
  if (learning.length > 0)
    stack(
      learning.map((output) => output.square().sum()),
      0,
    )
      .sum()
      .backward();
  const gradients = inputs.map((input) => (input instanceof Tensor && input.isLeaf ? input.grad : null));
  return {
    inputs,
    options,
    found: [...inOrder(outputs, golden.outputs), ...inOrder(gradients, golden.inputGradients)],
  };
}

/** The worst difference of all that a case records. */
export function compareCase(golden: Case, seed: number): number {
  manualSeed(seed);
  if (golden.kind === "function") return worst(call(find(nn.functional, golden.name), golden).found);
  const module = make(golden.name, golden.arguments ?? []);
  const initial = differences(Object.entries(module.stateDict()), golden.initial ?? {});
  const printed = module.toString() === golden.repr ? 0 : Number.NaN;
  const { inputs, options, found } = call((...values) => module.forward(...values), golden);
  const gradients = differences(
    module.namedParameters().map(([name, parameter]) => [name, parameter.grad]),
    golden.gradients ?? {},
  );
  const evaluated = inOrder(outputsOf(module.eval().forward(...inputs, ...options)), golden.evaluated ?? []);
  return worst([printed, ...initial, ...found, ...gradients, ...evaluated]);
}

/** A row for each case. `bounds` are the differences that are allowed, by the name of the module or function. */
export function compareCases(
  goldens: Goldens,
  part: Row["part"],
  bounds: Readonly<Record<string, number>> = {},
): Row[] {
  return goldens.cases.map((golden) => ({
    part: golden.kind === "function" ? "function" : part,
    name: nameOf(golden),
    difference: compareCase(golden, goldens.seed),
    bound: bounds[golden.name] ?? 0,
  }));
}

/** What a case calls, and what it draws to call it with, options last. */
export interface Prepared {
  module: nn.Module | null;
  draw(): unknown[];
  run(values: unknown[]): Tensor[];
}

export function prepareCase(golden: Case): Prepared {
  const module = golden.kind === "module" ? make(golden.name, golden.arguments ?? []) : null;
  const callee: Callable = module
    ? (...values) => module.forward(...values)
    : find(nn.functional, golden.name);
  const draw = () => [
    ...golden.inputs.map(drawn),
    ...(golden.call === undefined ? [] : [revive(golden.call)]),
  ];
  const run = (values: unknown[]) => outputsOf(callee(...values)).filter((output) => output !== null);
  return { module, draw, run };
}

export function nameOf({ kind, name, arguments: args = [], inputs, call: options }: Case): string {
  const given = kind === "module" ? args : inputs;
  const text = (value: unknown) => JSON.stringify(value).replaceAll('"', "");
  const call = options === undefined ? "" : ` called with ${text(options)}`;
  return `${name}(${given.map(text).join(", ")})${kind === "module" ? ` on ${text(inputs)}` : ""}${call}`;
}
