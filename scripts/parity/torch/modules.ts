// The modules of torch.nn beside Python's, as scripts/goldens/nn.py recorded them.
import { manualSeed, nn, rand, randint, randn, type Tensor, tensor } from "../../../lib/torch/index.ts";
import { heldTensors } from "../../../lib/torch/scope.ts";
import { difference } from "./golden-tensor.ts";
import type { Row } from "./row.ts";

/** What inputs are drawn from; an array stands for states that go in as one. */
export type Spec =
  | null
  | Spec[]
  | { value: unknown }
  | { tensor: number[] }
  | { randint: [number, number[]] }
  | { randn: number[]; dtype?: "float64" }
  | { rand: number[]; dtype?: "float64" }
  | { pooled: [dimensions: number, shape: number[], kernel: number, options: object] }
  | {
      packed: { lengths: number[]; features: number; enforceSorted: boolean };
      dtype?: "float64";
    };

export interface ModuleGolden {
  case: [name: string, args: unknown[], ...Spec[]];
  repr: string;
  initial: Record<string, string>;
  outputs: string[];
  inputGradients: (string | null)[];
  gradients: Record<string, string | null>;
  buffers: Record<string, string>;
  evaluated: string[] | "same";
}

export interface ModuleGoldens {
  seed: number;
  cases: ModuleGolden[];
  tree: { repr: string; stateDict: Record<string, string>; parameters: string[]; modules: string[] };
  init: { name: string; arguments: unknown[]; tensor: string }[];
  gains: Record<string, number>;
}

/** The inputs that a spec stands for, and the leaves whose gradients count. */
export function drawInputs(spec: Spec): { inputs: unknown[]; leaves: Tensor[] } {
  if (spec === null) return { inputs: [null], leaves: [] };
  if (Array.isArray(spec)) {
    const tensors = spec.map((one) => drawInputs(one).inputs[0] as Tensor);
    return { inputs: [tensors], leaves: tensors };
  }
  if ("value" in spec) return { inputs: [spec.value], leaves: [] };
  if ("tensor" in spec) return { inputs: [tensor(spec.tensor, { dtype: "int64" })], leaves: [] };
  if ("randint" in spec) return { inputs: [randint(...spec.randint)], leaves: [] };
  if ("pooled" in spec) {
    const [dimensions, shape, kernel, options] = spec.pooled;
    const pool = makeModule(`MaxPool${dimensions}d`, [kernel, { ...options, returnIndices: true }]);
    const [output, indices] = pool.forward(randn(shape)) as [Tensor, Tensor];
    return { inputs: [output.requiresGrad_(), indices], leaves: [output] };
  }
  const { dtype = "float32" } = spec;
  if ("packed" in spec) {
    const { lengths, features, enforceSorted } = spec.packed;
    const padded = randn([Math.max(...lengths), lengths.length, features], { dtype, requiresGrad: true });
    const sequence = nn.utils.rnn.packPaddedSequence(padded, lengths, { enforceSorted });
    return { inputs: [sequence], leaves: [padded] };
  }
  const made =
    "randn" in spec
      ? randn(spec.randn, { dtype, requiresGrad: true })
      : rand(spec.rand, { dtype, requiresGrad: true });
  return { inputs: [made], leaves: [made] };
}

/** A module of torch.nn by its name. */
export function makeModule(name: string, args: unknown[]): nn.Module {
  const ModuleClass = (nn as unknown as Record<string, new (...args: unknown[]) => nn.Module>)[name];
  if (ModuleClass === undefined) throw new Error(`[modules] expected a module of torch.nn, got ${name}`);
  return new ModuleClass(...args);
}

/** All tensors of what a module gives. */
export function flattenOutput(output: unknown): Tensor[] {
  if (output === null) return [];
  if (Array.isArray(output)) return output.flatMap(flattenOutput);
  if (output instanceof nn.utils.rnn.PackedSequence) return output[heldTensors]().flatMap(flattenOutput);
  return [output as Tensor];
}

type Named = Iterable<readonly [string, Tensor | null]>;

/** The worst difference of tensors by name, NaN where the names or their order differ. */
function worst(actual: Named, expected: Record<string, string | null> | (string | null)[]): number {
  const golden: Record<string, string | null> = Object.fromEntries(Object.entries(expected));
  const named = [...actual];
  if (String(named.map(([name]) => name)) !== String(Object.keys(golden))) return Number.NaN;
  return Math.max(0, ...named.map(([name, value]) => difference(value, golden[name] ?? null)));
}

const listed = (values: readonly (Tensor | null)[]): Named => values.map((value, i) => [String(i), value]);

/** The name of a case: `Linear(6, 3, {"bias":false}) on [4,6]`. */
export function caseName({ case: [name, args, ...specs] }: ModuleGolden): string {
  return `${name}(${JSON.stringify(args).slice(1, -1)}) on ${JSON.stringify(specs).slice(1, -1)}`;
}

/** How far each part of a case is from Python's; parts of the same bits are left out. */
export function moduleDifferences(golden: ModuleGolden, seed: number): Record<string, number> {
  const [name, args, ...specs] = golden.case;
  manualSeed(seed);
  const module = makeModule(name, args);
  const initial = worst(Object.entries(module.stateDict()), golden.initial);
  const drawn = specs.map(drawInputs);
  const inputs = drawn.flatMap((one) => one.inputs);
  const leaves = drawn.flatMap((one) => one.leaves);
  const outputs = flattenOutput(module.forward(...inputs));
  const [first, ...rest] = outputs.filter((output) => output.requiresGrad).map((o) => o.square().sum());
  rest.reduce((sum, loss) => sum?.add(loss), first)?.backward({ retainGraph: true });
  const parts = {
    repr: module.toString() === golden.repr ? 0 : Number.NaN,
    initial,
    outputs: worst(listed(outputs), golden.outputs),
    inputGradients: worst(listed(leaves.map((leaf) => leaf.grad)), golden.inputGradients),
    gradients: worst(
      module.namedParameters().map(([key, parameter]) => [key, parameter.grad]),
      golden.gradients,
    ),
    buffers: worst(module.namedBuffers(), golden.buffers),
    evaluated: worst(
      listed(flattenOutput(module.eval().forward(...inputs))),
      golden.evaluated === "same" ? golden.outputs : golden.evaluated,
    ),
  };
  return Object.fromEntries(Object.entries(parts).filter(([, value]) => value !== 0));
}

/** One row per case, and per way of `nn.init` to fill a tensor. All bits are to be Python's. */
export function compareModules(goldens: ModuleGoldens): Row[] {
  const modules = goldens.cases.map((golden) => ({
    part: "module" as const,
    name: caseName(golden),
    difference: Math.max(0, ...Object.values(moduleDifferences(golden, goldens.seed))),
    bound: 0,
  }));
  const functions = goldens.init.map((golden) => ({
    part: "function" as const,
    name: initName(golden),
    difference: initDifference(golden, goldens.seed),
    bound: 0,
  }));
  return [...modules, ...functions];
}

type InitGolden = ModuleGoldens["init"][number];

export function initName({ name, arguments: args }: InitGolden): string {
  return `nn.init.${name}(${["tensor", ...args.map((one) => JSON.stringify(one))].join(", ")})`;
}

export function initDifference(golden: InitGolden, seed: number): number {
  const sizes = golden.tensor.split(" ")[1]?.split(",").map(Number) ?? [];
  manualSeed(seed);
  const fill = (nn.init as unknown as Record<string, (tensor: Tensor, ...args: unknown[]) => Tensor>)[
    golden.name
  ];
  if (fill === undefined) throw new Error(`[modules] expected a function of nn.init, got ${golden.name}`);
  const target = tensor(new Float32Array(sizes.reduce((a, b) => a * b, 1))).reshape(sizes);
  return fill(target, ...golden.arguments) === target ? difference(target, golden.tensor) : Number.NaN;
}
