// What is done on a device without waiting for it, done on the CPU in the same way.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { TrainingThread, threadOptions } from "../../../lib/torch/engine/index.ts";
import { optim, type Tensor, tensor } from "../../../lib/torch/index.ts";
import {
  batchOf,
  bitsOf,
  build,
  type Data,
  inputsOf,
  type Model,
  makeData,
  makeModel,
  planOf,
} from "./steps.ts";

const data = makeData();
const steps = 40;

type MakeOptimizer = (parameters: Tensor[], implementation: "fused" | "foreach") => optim.Optimizer;
const optimizers: Record<string, MakeOptimizer> = {
  SGD: (parameters, implementation) => new optim.SGD(parameters, { implementation }),
  "SGD with momentum": (parameters, implementation) =>
    new optim.SGD(parameters, { implementation, momentum: 0.9, dampening: 0.1, weightDecay: 0.01 }),
  Adam: (parameters, implementation) => new optim.Adam(parameters, { implementation }),
  "Adam with amsgrad": (parameters, implementation) =>
    new optim.Adam(parameters, { implementation, amsgrad: true, maximize: true }),
  AdamW: (parameters, implementation) => new optim.AdamW(parameters, { implementation }),
  Adamax: (parameters, implementation) => new optim.Adamax(parameters, { implementation }),
  RMSprop: (parameters, implementation) => new optim.RMSprop(parameters, { implementation, centered: true }),
  Adagrad: (parameters, implementation) => new optim.Adagrad(parameters, { implementation }),
  NAdam: (parameters, implementation) => new optim.NAdam(parameters, { implementation }),
  RAdam: (parameters, implementation) => new optim.RAdam(parameters, { implementation }),
  "Adam of two groups": (parameters, implementation) =>
    new optim.Adam([{ params: parameters.slice(3) }, { params: parameters.slice(0, 3), weightDecay: 0.1 }], {
      implementation,
    }),
};

interface Options {
  tasks?: number[][];
  gradClip?: number;
  dtype?: "bfloat16" | "float64";
  steps?: number;
  /** How much the numbers may differ, relative to the largest. */
  tolerance?: number;
}

const numbers = (tensors: readonly Tensor[]) =>
  tensors.flatMap((each) => Array.from(each.detach().to("float64").toTypedArray() as Float64Array));

function assertClose(got: readonly number[], expected: readonly number[], tolerance = 1e-5): void {
  assert.equal(got.length, expected.length);
  const largest = Math.max(1, ...expected.map(Math.abs));
  for (const [i, value] of got.entries())
    assert(
      Math.abs(value - (expected[i] as number)) <= tolerance * largest,
      `${value} is not ${expected[i]}`,
    );
}

function makeBoth(dtype: Options["dtype"]): [Model, Model, Data] {
  const models: [Model, Model] = [makeModel(), makeModel()];
  if (dtype === undefined) return [...models, data];
  for (const module of models.flatMap(({ trunk, heads }) => [trunk, ...heads])) module.to(dtype);
  return [...models, { ...data, x: data.x.to(dtype) }];
}

/** The state of an optimizer as numbers. */
const stateOf = (optimizer: optim.Optimizer) =>
  numbers(Object.values(optimizer.stateDict().state).flatMap((state) => Object.values(state)));

async function compare(
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

function plainThread(): TrainingThread {
  threadOptions.asOnDevice = false;
  try {
    return new TrainingThread();
  } finally {
    threadOptions.asOnDevice = true;
  }
}

before(() => {
  threadOptions.asOnDevice = true;
});
after(() => {
  threadOptions.asOnDevice = false;
});

describe("Steps that do not wait for their device come to the same numbers", () => {
  for (const [name, make] of Object.entries(optimizers)) {
    for (const implementation of ["fused", "foreach"] as const) {
      it(`by ${name}, ${implementation}`, () => compare((parameters) => make(parameters, implementation)));
    }
  }
  for (const implementation of ["fused", "foreach"] as const) {
    const sgd = (parameters: Tensor[]) => new optim.SGD(parameters, { implementation, momentum: 0.9 });
    const adam = (parameters: Tensor[]) =>
      new optim.Adam(parameters, { implementation, masterWeights: true });
    it(`without clipping, ${implementation}`, () => compare(sgd, { gradClip: 0 }));
    it(`where nothing is to be clipped, ${implementation}`, () => compare(sgd, { gradClip: 1e6 }));
    it(`by several programs, with heads that come late, ${implementation}`, () =>
      compare(sgd, { tasks: [[0], [0], [0, 1], [1]] }));
    it(`in float64, ${implementation}`, () => compare(sgd, { dtype: "float64" }));
    it(`with float32 masters of bfloat16, ${implementation}`, () =>
      compare(adam, { dtype: "bfloat16", steps: 10, tolerance: 0.02 }));
    it(`in bfloat16, ${implementation}`, () =>
      compare(sgd, { dtype: "bfloat16", steps: 10, tolerance: 0.02 }));
    it(`in more steps than there are rows ready for, ${implementation}`, () =>
      compare(sgd, { steps: 1500, tolerance: 1e-3 }));
  }
});

describe("Steps that do not wait for their device", () => {
  it("go on in a second run, from the sums that it is given", async () => {
    const [model, other] = makeBoth(undefined);
    const [optimizer, otherOptimizer] = [new optim.Adam(model.parameters), new optim.Adam(other.parameters)];
    using thread = new TrainingThread();
    using plain = plainThread();
    for (const [each, run] of [
      [planOf(model, data, optimizer, { steps: 7 }), thread],
      [planOf(other, data, otherOptimizer, { steps: 7 }), plain],
    ] as const) {
      const first = await run.run(each);
      const { losses, points } = await run.run({ ...each, losses: first.losses, points: first.points });
      assert.deepEqual([...points], [2 * 7 * 8, 2 * 7 * 8]);
      assert(losses.every((sum, i) => sum > (first.losses[i] as number)));
    }
    assertClose(numbers(model.parameters), numbers(other.parameters));
  });

  it("take options that have changed between two runs", async () => {
    const model = makeModel();
    const optimizer = new optim.SGD(model.parameters, { momentum: 0.9 });
    using thread = new TrainingThread();
    const plan = planOf(model, data, optimizer, { steps: 5 });
    await thread.run(plan);
    for (const group of optimizer.paramGroups) group.momentum = 0;
    for (const group of optimizer.paramGroups) group.weightDecay = 0;
    const before = bitsOf(model.parameters);
    const rates = plan.rates.map((ofGroup) => ofGroup.map(() => 0));
    await thread.run({ ...plan, rates });
    assert.deepEqual(bitsOf(model.parameters), before);
  });

  it("read datasets that are too large for the device from the host", async () => {
    const [model, other] = makeBoth(undefined);
    threadOptions.dataBytes = 64 * 2 * 4; // for one of three tensors
    using thread = new TrainingThread();
    threadOptions.dataBytes = null;
    using plain = plainThread();
    const result = await thread.run(planOf(model, data, new optim.Adam(model.parameters), { steps }));
    const expected = await plain.run(planOf(other, data, new optim.Adam(other.parameters), { steps }));
    assertClose([...result.losses], [...expected.losses]);
    assertClose(numbers(model.parameters), numbers(other.parameters));
  });

  it("see a dataset that was changed in between", async () => {
    const model = makeModel();
    const copy = makeData();
    using thread = new TrainingThread();
    const plan = planOf(model, copy, new optim.SGD(model.parameters), { steps: 1 });
    const sources = inputsOf(copy, [0, 1]).map((tensor) => ({ kind: "rows" as const, tensor }));
    const programs = plan.programs.map((program) => ({ ...program, sources }));
    const rates = [new Float64Array(1)];
    const first = await thread.run({ ...plan, programs, rates });
    assert.deepEqual([...(await thread.run({ ...plan, programs, rates })).losses], [...first.losses]);
    copy.x.mul_(2);
    assert.notDeepEqual([...(await thread.run({ ...plan, programs, rates })).losses], [...first.losses]);
  });

  it("are given the tensors of steps that have no sources", async () => {
    const [model, other] = makeBoth(undefined);
    using thread = new TrainingThread();
    using plain = plainThread();
    const plan = planOf(model, data, new optim.Adam(model.parameters), { steps });
    const programs = plan.programs.map((program) => ({ ...program, sources: null }));
    const given = Array.from({ length: steps }, (_, step) => batchOf(inputsOf(data, [0, 1]), step));
    const result = await thread.run({ ...plan, programs, positions: new Int32Array(), given });
    const expected = await plain.run(planOf(other, data, new optim.Adam(other.parameters), { steps }));
    assertClose([...result.losses], [...expected.losses]);
    const wrong = await thread.run({ ...plan, programs, given: given.map(() => []) });
    assert.match(wrong.error ?? "", /expected 3 tensors for inputs, got 0/);
  });

  it("stop between two steps when they are told to", async () => {
    const [model, other] = makeBoth(undefined);
    using thread = new TrainingThread();
    using plain = plainThread();
    const plan = planOf(model, data, new optim.SGD(model.parameters), { steps: 100_000 });
    const running = thread.run(plan);
    while (thread.progress < 50) await new Promise((resolve) => setImmediate(resolve));
    thread.abort();
    const { done, aborted, error } = await running;
    assert(done >= 50 && done < 100_000);
    assert.deepEqual([aborted, error, thread.progress], [true, null, done]);
    await plain.run(planOf(other, data, new optim.SGD(other.parameters), { steps: done }));
    assertClose(numbers(model.parameters), numbers(other.parameters), 1e-3);
  });

  it("name a position that is not in the dataset, after the steps before it", async () => {
    const model = makeModel();
    using thread = new TrainingThread();
    const plan = planOf(model, data, new optim.SGD(model.parameters), { steps });
    const positions = plan.positions.slice();
    positions[8 * 5 + 3] = 64;
    const { done, error } = await thread.run({ ...plan, positions });
    assert.equal(done, 5);
    assert.match(error ?? "", /expected positions of 64 examples, got 64/);
  });
});

describe("A step whose numbers are not finite, and those after it, change nothing", () => {
  const bad = 7;
  const spoilings: Record<string, (copy: Data) => void> = {
    "NaN in the loss": ({ x }) => void x.select(0, bad).fill_(Number.NaN),
    "infinity in the loss": ({ x }) => void x.select(0, bad).fill_(Number.POSITIVE_INFINITY),
  };

  for (const [what, spoil] of Object.entries(spoilings)) {
    for (const [name, make] of Object.entries(optimizers)) {
      for (const implementation of ["fused", "foreach"] as const) {
        it(`${what}, ${name}, ${implementation}`, async () => {
          const [model, other] = makeBoth(undefined);
          const [optimizer, otherOptimizer] = [model, other].map(({ parameters }) =>
            make(parameters, implementation),
          ) as [optim.Optimizer, optim.Optimizer];
          using thread = new TrainingThread();
          using plain = plainThread();
          const plan = planOf(model, data, optimizer, { steps });
          const copy = makeData();
          spoil(copy);
          const sources = inputsOf(copy, [0, 1]).map((tensor) => ({ kind: "rows" as const, tensor }));
          const programs = plan.programs.map((program) => ({ ...program, sources }));
          const result = await thread.run({ ...plan, programs });
          const place = plan.positions.indexOf(bad);
          assert(place >= 8);
          assert.equal(result.done, Math.floor(place / 8));
          assert.deepEqual([result.badLoss?.output, result.badGradient, result.error], [0, null, null]);
          const before = planOf(other, data, otherOptimizer, { steps: result.done });
          const expected = await plain.run(before);
          assertClose([...result.losses], [...expected.losses]);
          assertClose(numbers(model.parameters), numbers(other.parameters));
          assertClose(stateOf(optimizer), stateOf(otherOptimizer));
        });
      }
    }
  }

  it("even if it is the first", async () => {
    const model = makeModel();
    const optimizer = new optim.SGD(model.parameters, { momentum: 0.9 });
    using thread = new TrainingThread();
    const plan = planOf(model, data, optimizer, { steps });
    const copy = makeData();
    copy.x.fill_(Number.NaN);
    const sources = inputsOf(copy, [0, 1]).map((tensor) => ({ kind: "rows" as const, tensor }));
    const { done, badLoss } = await thread.run({
      ...plan,
      programs: plan.programs.map((program) => ({ ...program, sources })),
    });
    assert.deepEqual([done, badLoss], [0, { output: 0, value: Number.NaN }]);
    assert.deepEqual(bitsOf(model.parameters), bitsOf(makeModel().parameters));
    assert.deepEqual(optimizer.stateDict().state, {});
  });

  it("and the parameter is named whose gradient it is", async () => {
    using thread = new TrainingThread();
    const [first, second] = [tensor([1, 1], { requiresGrad: true }), tensor([2, 3], { requiresGrad: true })];
    const parameters = [first, second];
    const rows = tensor([
      [1, 2],
      [2, 1],
      [1, 0], // the root of zero has no slope
    ]);
    const roots = ([x]: readonly Tensor[]) => {
      const root = second.mul(x as Tensor).sqrt();
      const loss = root.sum().add(first.sum());
      loss.backward();
      return [loss];
    };
    const batches = [0, 1].map((row) => [rows.narrow(0, row, 1).clone()]);
    const { handle } = build({ parameters, persistent: parameters }, batches, roots);
    const { done, badLoss, badGradient, error } = await thread.run({
      programs: [{ program: handle, sources: [{ kind: "rows", tensor: rows }], names: [0] }],
      steps: new Int32Array(4),
      positions: Int32Array.of(0, 0, 2, 1),
      starts: Int32Array.of(0, 1, 2, 3, 4),
      given: [],
      counts: new Float64Array(4),
      losses: new Float64Array(1),
      points: new Float64Array(1),
      optimizer: new optim.SGD(parameters),
      gradClip: 0,
      rates: [new Float64Array(4).fill(0.25)],
      destinations: null,
    });
    assert.deepEqual([done, badLoss, badGradient, error], [2, null, 1, null]);
    assert.deepEqual(first.tolist(), [0.5, 0.5]);
  });
});
