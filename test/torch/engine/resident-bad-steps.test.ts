// Steps whose numbers are not finite, found out only after later ones were launched.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { TrainingThread, threadOptions } from "../../../lib/torch/engine/index.ts";
import { optim, type Tensor, tensor } from "../../../lib/torch/index.ts";
import { optimizers } from "./optimizers.ts";
import { assertClose, data, makeBoth, numbers, plainThread, stateOf, steps } from "./resident.ts";
import { bitsOf, build, type Data, inputsOf, makeData, makeModel, planOf } from "./steps.ts";

before(() => {
  threadOptions.asOnDevice = true;
});
after(() => {
  threadOptions.asOnDevice = false;
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
