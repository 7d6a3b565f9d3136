import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { TrainingThread } from "../../../lib/torch/engine/index.ts";
import { noGrad, optim, type Tensor, tensor } from "../../../lib/torch/index.ts";
import { optimizers } from "./optimizers.ts";
import {
  batchOf,
  bitsOf,
  build,
  firstSteps,
  inputsOf,
  makeData,
  makeModel,
  planOf,
  stateBitsOf,
  trainEagerly,
} from "./steps.ts";

const data = makeData();
const steps = 25;

async function compare(
  make: (parameters: Tensor[]) => optim.Optimizer,
  options: { tasks?: number[][]; gradClip?: number; dtype?: "bfloat16" } = {},
): Promise<void> {
  using thread = new TrainingThread();
  const [model, other] = [makeModel(), makeModel()];
  if (options.dtype !== undefined) {
    for (const module of [model, other].flatMap(({ trunk, heads }) => [trunk, ...heads]))
      module.to(options.dtype);
  }
  const given = options.dtype === undefined ? data : { ...data, x: data.x.to(options.dtype) };
  const [optimizer, otherOptimizer] = [make(model.parameters), make(other.parameters)];
  for (const [each, { parameters }] of [
    [optimizer, model],
    [otherOptimizer, other],
  ] as const) {
    each.setGradientOrder(parameters);
  }
  const plan = planOf(model, given, optimizer, { steps, ...options });
  const result = await thread.run(plan);
  const losses = trainEagerly(other, given, { ...plan, optimizer: otherOptimizer });
  assert.deepEqual(
    [result.done, result.error, result.badLoss, result.badGradient],
    [steps, null, null, null],
  );
  assert.deepEqual([...result.losses], losses);
  assert.deepEqual(bitsOf(model.parameters), bitsOf(other.parameters));
  assert.deepEqual(stateBitsOf(optimizer), stateBitsOf(otherOptimizer));
  assert.notDeepEqual(bitsOf(model.parameters), bitsOf(makeModel().parameters));
}

describe("A training thread gives the bits of the same steps on the main thread", () => {
  for (const [name, make] of Object.entries(optimizers)) {
    for (const implementation of ["fused", "foreach"] as const) {
      it(`by ${name}, ${implementation}`, () => compare((parameters) => make(parameters, implementation)));
    }
  }
  for (const implementation of ["fused", "foreach"] as const) {
    const make = (parameters: Tensor[]) => new optim.SGD(parameters, { implementation, momentum: 0.9 });
    it(`without clipping, ${implementation}`, () => compare(make, { gradClip: 0 }));
    it(`where nothing is to be clipped, ${implementation}`, () => compare(make, { gradClip: 1e6 }));
    it(`by several programs, with heads that come late, ${implementation}`, () =>
      compare(make, { tasks: [[0], [0], [0, 1], [1]] }));
    it(`with float32 masters of bfloat16, ${implementation}`, () =>
      compare((parameters) => new optim.Adam(parameters, { implementation, masterWeights: true }), {
        dtype: "bfloat16",
      }));
    it(`in bfloat16, ${implementation}`, () => compare(make, { dtype: "bfloat16" }));
  }
});

describe("A training thread", () => {
  it("goes on from the sums of losses and points that it is given", async () => {
    using thread = new TrainingThread();
    const model = makeModel();
    const plan = planOf(model, data, new optim.SGD(model.parameters), { steps: 3, tasks: [[0, 1], [1]] });
    const counts = Float64Array.of(1, 2, 3, 4, 5);
    const result = await thread.run({ ...plan, counts, points: Float64Array.of(100, 200) });
    assert.deepEqual([...result.points], [100 + 1 + 4, 200 + 2 + 3 + 5]);
    const again = await thread.run({ ...plan, counts, losses: result.losses });
    assert(again.losses.every((sum, i) => sum > (result.losses[i] as number)));
  });

  it("is given the tensors of steps that have no sources", async () => {
    using thread = new TrainingThread();
    const [model, other] = [makeModel(), makeModel()];
    const plan = planOf(model, data, new optim.Adam(model.parameters), { steps });
    const [program] = plan.programs;
    assert(program !== undefined);
    const given = Array.from({ length: steps }, (_, step) => batchOf(inputsOf(data, [0, 1]), step));
    const result = await thread.run({
      ...plan,
      programs: [{ ...program, sources: null }],
      positions: new Int32Array(),
      given,
    });
    const losses = trainEagerly(other, data, { ...plan, optimizer: new optim.Adam(other.parameters) });
    assert.deepEqual([...result.losses], losses);
    assert.deepEqual(bitsOf(model.parameters), bitsOf(other.parameters));
    const wrong = await thread.run({ ...plan, programs: [{ ...program, sources: null }], given: [[]] });
    assert.match(wrong.error ?? "", /expected 3 tensors for inputs, got 0/);
  });

  it("says how far it is, and stops between two steps when it is told to", async () => {
    using thread = new TrainingThread();
    const [model, other] = [makeModel(), makeModel()];
    const plan = planOf(model, data, new optim.SGD(model.parameters), { steps: 100_000 });
    const running = thread.run(plan);
    while (thread.progress < 50) await new Promise((resolve) => setImmediate(resolve));
    thread.abort();
    const { done, aborted, error } = await running;
    assert(done >= 50 && done < 100_000);
    assert.deepEqual([aborted, error, thread.progress], [true, null, done]);
    trainEagerly(other, data, {
      ...plan,
      steps: plan.steps.subarray(0, done),
      optimizer: new optim.SGD(other.parameters),
    });
    assert.deepEqual(bitsOf(model.parameters), bitsOf(other.parameters));
    assert.equal((await thread.run(firstSteps(plan, 0))).aborted, false);
  });

  it("settles the promise of what it does when it is disposed", async () => {
    const thread = new TrainingThread();
    const model = makeModel();
    const running = thread.run(planOf(model, data, new optim.SGD(model.parameters), { steps: 100_000 }));
    thread.dispose();
    noGrad(() => model.parameters[0]?.add_(1));
    assert.equal((await running).aborted, true);
    thread.dispose();
    assert.throws(() => thread.progress, /expected a live TrainingThread/);
  });

  it("changes no version of a weight unseen: a graph from before cannot go backward", async () => {
    using thread = new TrainingThread();
    const model = makeModel();
    const [weight] = model.parameters;
    assert(weight !== undefined);
    const plan = planOf(model, data, new optim.SGD(model.parameters), { steps: 1 });
    const before = weight.square().sum();
    await thread.run(plan);
    assert.throws(() => before.backward(), /modified by an inplace operation/);
  });
});

describe("A step that fails changes no parameter, and is told", () => {
  const bad = 7;
  /** Trains on data of which one example is bad: the result is that of the steps before its own. */
  async function fail(spoil: (copy: ReturnType<typeof makeData>) => void) {
    using thread = new TrainingThread();
    const [model, other] = [makeModel(), makeModel()];
    const plan = planOf(model, data, new optim.Adam(model.parameters), { steps });
    const copy = makeData();
    const positions = plan.positions.slice(0, 64);
    spoil(copy);
    const sources = inputsOf(copy, [0, 1]).map((input) => ({ kind: "rows" as const, tensor: input }));
    const programs = plan.programs.map((program) => ({ ...program, sources }));
    const result = await thread.run({ ...plan, programs });
    const otherOptimizer = new optim.Adam(other.parameters);
    assert(positions.indexOf(bad) >= 0);
    assert.equal(result.done, Math.floor(positions.indexOf(bad) / 8));
    trainEagerly(other, data, {
      ...plan,
      steps: plan.steps.subarray(0, result.done),
      optimizer: otherOptimizer,
    });
    assert.deepEqual(bitsOf(model.parameters), bitsOf(other.parameters));
    assert.deepEqual(stateBitsOf(plan.optimizer as optim.Optimizer), stateBitsOf(otherOptimizer));
    // The thread and all that it used are free again.
    assert.equal((await thread.run(firstSteps(plan, 0))).done, 0);
    model.parameters[0]?.detach().add_(1);
    return result;
  }

  it("with a loss that is not finite", async () => {
    const { badLoss, badGradient, error } = await fail(({ x }) => void x.select(0, bad).fill_(Number.NaN));
    assert.deepEqual([badLoss, badGradient, error], [{ output: 0, value: Number.NaN }, null, null]);
  });

  it("with an error of a kernel", async () => {
    const { badLoss, error } = await fail(({ labels }) => void labels[1].select(0, bad).fill_(2));
    assert.equal(badLoss, null);
    assert.match(error ?? "", /^Target 2 is out of bounds\.?$/);
  });

  it("with a gradient that is not finite", async () => {
    using thread = new TrainingThread();
    const [first, second] = [tensor([1, 1], { requiresGrad: true }), tensor([2, 3], { requiresGrad: true })];
    const parameters = [first, second];
    const rows = tensor([
      [1, 2],
      [2, 1],
      [1, 0],
    ]);
    const root = ([x]: readonly Tensor[]) => {
      const loss = second
        .mul(x as Tensor)
        .sqrt()
        .sum()
        .add(first.sum());
      loss.backward();
      return [loss];
    };
    const batches = [0, 1].map((row) => [rows.narrow(0, row, 1).clone()]);
    const optimizer = new optim.SGD(parameters);
    const result = await thread.run({
      programs: [
        {
          program: build({ parameters, persistent: parameters }, batches, root).handle,
          sources: [{ kind: "rows", tensor: rows }],
          names: [0],
        },
      ],
      steps: new Int32Array(3),
      positions: Int32Array.of(0, 2, 1),
      starts: Int32Array.of(0, 1, 2, 3),
      given: [],
      counts: new Float64Array(3),
      losses: new Float64Array(1),
      points: new Float64Array(1),
      optimizer,
      gradClip: 0,
      rates: [new Float64Array(3).fill(0.5)],
      destinations: null,
    });
    assert.deepEqual([result.done, result.badLoss, result.badGradient, result.error], [1, null, 1, null]);
    assert.deepEqual(first.tolist(), [0.5, 0.5]);
  });
});

describe("Several threads", () => {
  it("train different models at once, each as by itself", async () => {
    const models = [makeModel(), makeModel(), makeModel()];
    const threads = models.map(() => new TrainingThread());
    const results = await Promise.all(
      models.map((model, i) =>
        threads[i]?.run(planOf(model, data, new optim.Adam(model.parameters), { steps: 500 })),
      ),
    );
    for (const result of results) assert.deepEqual(result, results[0]);
    for (const model of models)
      assert.deepEqual(bitsOf(model.parameters), bitsOf(models[0]?.parameters ?? []));
    for (const thread of threads) thread.dispose();
  });

  it("cannot train one model, nor run the programs of one arena", async () => {
    using thread = new TrainingThread();
    using other = new TrainingThread();
    const model = makeModel();
    const optimizer = new optim.SGD(model.parameters);
    const plan = planOf(model, data, optimizer, { steps: 20_000 });
    const another = planOf(model, data, new optim.SGD(model.parameters), { steps: 1 });
    const running = thread.run(plan);
    await assert.rejects(thread.run(another), /\[TrainingThread\.run\] expected one run at a time/);
    await assert.rejects(
      other.run(plan),
      /\[TrainingThread\.run\] expected programs that no other thread uses/,
    );
    await assert.rejects(
      other.run(another),
      /\[TrainingThread\.run\] expected parameters that no other thread uses/,
    );
    await assert.rejects(
      other.run({ ...another, optimizer }),
      /expected an optimizer that no other thread uses/,
    );
    thread.abort();
    await running;
    assert.equal((await other.run(another)).done, 1);
    assert.equal((await other.run(firstSteps(plan, 1))).done, 1);
  });
});
