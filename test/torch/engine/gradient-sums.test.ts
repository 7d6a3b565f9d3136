import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type TrainingPlan, TrainingThread } from "../../../lib/torch/engine/index.ts";
import { optim, scope, tensor } from "../../../lib/torch/index.ts";
import { batchOf, bitsOf, inputsOf, lossesOf, makeData, makeModel, planOf, stateBitsOf } from "./steps.ts";

const data = makeData();
const steps = 14;
const tasks = [[0], [0], [0, 1], [1]]; // a head that comes late, and groups without it

const updates = Int32Array.from({ length: steps }, (_, step) => Number(step % 3 === 2 || step === steps - 1));

function prepare(implementation: "fused" | "foreach") {
  const model = makeModel();
  const optimizer = new optim.Adam(model.parameters, { implementation });
  return { model, optimizer, sums: new optim.GradientSums(optimizer) };
}

/** Steps of a plan from one to, without, another. */
function part(plan: TrainingPlan, from: number, to: number, sums: optim.GradientSums): TrainingPlan {
  const outputs = (end: number) =>
    plan.steps.subarray(0, end).reduce((sum, place) => sum + (plan.programs[place]?.names.length ?? 0), 0);
  return {
    ...plan,
    steps: plan.steps.slice(from, to),
    starts: plan.starts.slice(from, to + 1),
    counts: plan.counts.slice(outputs(from), outputs(to)),
    rates: plan.rates.map((rates) => rates.slice(from, to)),
    accumulation: { sums: sums.handle, updates: updates.slice(from, to) },
  };
}

for (const implementation of ["fused", "foreach"] as const) {
  describe(`Sums of gradients, ${implementation}`, () => {
    it("update as the same steps on the main thread do, also by runs that end within a group", async () => {
      using thread = new TrainingThread();
      const { model, optimizer, sums } = prepare(implementation);
      const other = prepare(implementation);
      const plan = planOf(model, data, optimizer, { steps, tasks });
      for (const [from, to] of [
        [0, 4],
        [4, 5],
        [5, steps],
      ] as const) {
        const result = await thread.run(part(plan, from, to, sums));
        assert.deepEqual([result.done, result.error], [to - from, null]);
      }
      for (let step = 0; step < steps; step++) {
        scope(() => {
          const some = tasks[step % tasks.length] as number[];
          const losses = lossesOf(other.model, some, batchOf(inputsOf(data, some), step));
          const rate = plan.rates.map((rates) => rates[step] as number);
          const isUpdate = updates[step] === 1;
          other.optimizer.epilogue(losses, { rate, gradClip: plan.gradClip, sums: other.sums, isUpdate });
        });
      }
      assert.deepEqual(bitsOf(model.parameters), bitsOf(other.model.parameters));
      assert.deepEqual(stateBitsOf(optimizer), stateBitsOf(other.optimizer));
      assert.notDeepEqual(bitsOf(model.parameters), bitsOf(makeModel().parameters));
    });

    it("can be taken out and put into others, which go on from them", async () => {
      using thread = new TrainingThread();
      const { model, optimizer, sums } = prepare(implementation);
      const plan = planOf(model, data, optimizer, { steps, tasks });
      await thread.run(part(plan, 0, 2, sums));
      const taken = sums.tensors();
      assert.equal(taken.filter((sum) => sum === null).length, 2); // the second head has no gradient yet
      const others = new optim.GradientSums(optimizer);
      others.load(taken);
      const start = bitsOf(model.parameters);
      await thread.run(part(plan, 2, 3, others));
      const after = bitsOf(model.parameters);
      assert.notDeepEqual(after, start);
      assert.deepEqual(
        others.tensors().filter((sum) => sum !== null),
        [],
      );
    });
  });
}

describe("Sums of gradients", () => {
  it("that do not fit their parameters are refused, and those before stay", () => {
    const { model, sums } = prepare("fused");
    const fitting = model.parameters.map((parameter) => parameter.detach().clone());
    sums.load(fitting);
    assert.throws(() => sums.load([]), /expected 8 gradients to add up, got 0/);
    assert.throws(() => sums.load(fitting.with(1, tensor([1]))), /parameters\[1\]/);
    assert.throws(() => sums.load(fitting.with(0, fitting[0]?.to("float64") as never)), /parameters\[0\]/);
    assert.equal(sums.tensors().length, 8);
    assert.deepEqual(bitsOf(sums.tensors() as never), bitsOf(fitting));
  });

  it("cannot be read, changed or freed while a thread works with them", async () => {
    using thread = new TrainingThread();
    const { model, optimizer, sums } = prepare("fused");
    const plan = planOf(model, data, optimizer, { steps, tasks });
    const running = thread.run(part(plan, 0, steps, sums));
    assert.throws(() => sums.tensors(), /expected sums that no training uses/);
    assert.throws(() => sums.load([]), /expected sums that no training uses/);
    assert.throws(() => sums.dispose(), /expected sums that no training uses/);
    await running;
    sums.dispose();
    assert.throws(() => sums.tensors(), /disposed/);
  });
});
