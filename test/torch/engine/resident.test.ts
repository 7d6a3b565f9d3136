// What is done on a device without waiting for it, done on the CPU in the same way.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { TrainingThread, threadOptions } from "../../../lib/torch/engine/index.ts";
import { optim, type Tensor } from "../../../lib/torch/index.ts";
import { optimizers } from "./optimizers.ts";
import { assertClose, compare, data, makeBoth, numbers, plainThread, steps } from "./resident.ts";
import { batchOf, bitsOf, inputsOf, makeData, makeModel, planOf } from "./steps.ts";

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
