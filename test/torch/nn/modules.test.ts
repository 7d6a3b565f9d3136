import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import {
  manualSeed,
  nn,
  rand,
  randint,
  randn,
  setNumThreads,
  type Tensor,
  tensor,
} from "../../../lib/torch/index.ts";
import { native } from "../../../lib/torch/native.ts";

type Spec = { randn: number[] } | { rand: number[] } | { randint: [number, number[]] };

interface Case {
  case: [string, unknown[], ...Spec[]];
  repr: string;
  initial: Record<string, string>;
  shape: number[];
  output: string;
  inputGradients: (string | null)[];
  gradients: Record<string, string | null>;
  buffers: Record<string, string>;
  evaluated: string;
}

interface Goldens {
  seed: number;
  cases: Case[];
  tree: { repr: string; stateDict: Record<string, string>; parameters: string[]; modules: string[] };
  init: { name: string; options: Record<string, unknown>; tensor: string }[];
}

const goldens: Goldens = JSON.parse(readFileSync(new URL("../../goldens/nn.json", import.meta.url), "utf8"));

setNumThreads(1);

function bits(value: Tensor | null): string | null {
  return value === null ? null : Buffer.from(native.tensorToBytes(value)).toString("base64");
}

function allBits<T extends Tensor | null>(named: Iterable<[string, T]>): Record<string, string | null> {
  return Object.fromEntries([...named].map(([name, value]) => [name, bits(value)]));
}

function draw(spec: Spec): Tensor {
  if ("randint" in spec) return randint(...spec.randint);
  return ("randn" in spec ? randn(spec.randn) : rand(spec.rand)).requiresGrad_();
}

/** A case's arguments, with the tensors among its options. */
function revive(value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  if ("tensor" in value) return tensor(value.tensor as number[]);
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, revive(field)]));
}

function make(name: string, args: unknown[]): nn.Module {
  const ModuleClass = (nn as unknown as Record<string, new (...args: unknown[]) => nn.Module>)[name];
  assert.ok(ModuleClass, name);
  return new ModuleClass(...args.map(revive));
}

describe("each module, from a seed, agrees with Python's to the bit", () => {
  for (const golden of goldens.cases) {
    const [name, args, ...specs] = golden.case;
    test(`${name}(${JSON.stringify(args).slice(1, -1)}) on ${JSON.stringify(specs)}`, () => {
      manualSeed(goldens.seed);
      const module = make(name, args);
      assert.equal(module.toString(), golden.repr);
      assert.deepEqual(Object.keys(module.stateDict()), Object.keys(golden.initial));
      assert.deepEqual(allBits(Object.entries(module.stateDict())), golden.initial);
      const inputs = specs.map(draw);
      const output = module.forward(...inputs) as Tensor;
      assert.deepEqual(output.shape, golden.shape);
      assert.equal(bits(output), golden.output);
      if (output.requiresGrad) output.square().sum().backward();
      assert.deepEqual(
        inputs.map((input) => bits(input.grad)),
        golden.inputGradients,
      );
      assert.deepEqual(
        allBits(module.namedParameters().map(([key, parameter]) => [key, parameter.grad])),
        golden.gradients,
      );
      assert.deepEqual(allBits(module.namedBuffers()), golden.buffers);
      assert.equal(bits(module.eval().forward(...inputs) as Tensor), golden.evaluated);
    });
  }
});

test("a tree of modules has Python's names, order, initial weights and printed form", () => {
  manualSeed(goldens.seed);
  const shared = new nn.Linear(4, 4);
  const model = new nn.ModuleDict({
    trunk: new nn.Sequential(new nn.Linear(6, 4), new nn.BatchNorm1d(4), new nn.ReLU(), new nn.Dropout(0.25)),
    list: new nn.ModuleList([new nn.ReLU(), new nn.ReLU(), shared, shared]),
    again: shared,
    empty: new nn.Sequential(),
  });
  assert.equal(model.toString(), goldens.tree.repr);
  assert.deepEqual(Object.keys(model.stateDict()), Object.keys(goldens.tree.stateDict));
  assert.deepEqual(allBits(Object.entries(model.stateDict())), goldens.tree.stateDict);
  assert.deepEqual(
    model.namedParameters().map(([name]) => name),
    goldens.tree.parameters,
  );
  assert.deepEqual(
    model.namedModules().map(([name]) => name),
    goldens.tree.modules,
  );
});

describe("nn.init draws Python's numbers", () => {
  for (const golden of goldens.init) {
    test(`${golden.name}(${JSON.stringify(golden.options)})`, () => {
      manualSeed(goldens.seed);
      const target = tensor(new Float32Array(24)).reshape([3, 4, 2]);
      const initialise = (
        nn.init as unknown as Record<string, (tensor: Tensor, options?: unknown) => Tensor>
      )[golden.name];
      assert.ok(initialise);
      assert.equal(
        initialise(target, Object.keys(golden.options).length > 0 ? golden.options : undefined),
        target,
      );
      assert.equal(bits(target), golden.tensor);
    });
  }
});
