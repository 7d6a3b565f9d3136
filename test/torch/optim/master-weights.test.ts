import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  type Dtype,
  manualSeed,
  nn,
  optim,
  randn,
  setNumThreads,
  type Tensor,
  tensor,
  zeros,
} from "../../../lib/torch/index.ts";
import { encode } from "./goldens.ts";

type Make = (parameters: Tensor[], options: Partial<optim.OptimizerOptions>) => optim.Optimizer;

const optimizers: Record<string, Make> = {
  SGD: (parameters, options) => new optim.SGD(parameters, options),
  "SGD with momentum": (parameters, options) => new optim.SGD(parameters, { ...options, momentum: 0.9 }),
  Adam: (parameters, options) => new optim.Adam(parameters, { ...options, amsgrad: true }),
  AdamW: (parameters, options) => new optim.AdamW(parameters, options),
  Adamax: (parameters, options) => new optim.Adamax(parameters, options),
  RMSprop: (parameters, options) =>
    new optim.RMSprop(parameters, { ...options, momentum: 0.5, centered: true }),
  Adagrad: (parameters, options) =>
    new optim.Adagrad(parameters, { ...options, initialAccumulatorValue: 0.1 }),
  NAdam: (parameters, options) => new optim.NAdam(parameters, options),
  RAdam: (parameters, options) => new optim.RAdam(parameters, options),
};
const shapes = [[3, 4], [4], []];
const steps = 16;

setNumThreads(1);

/** The same values for each run, exact in `dtype`. */
function draw(seed: number, dtype: Dtype): Tensor[] {
  manualSeed(seed);
  return shapes.map((shape) => randn(shape).to(dtype));
}

function parametersIn(dtype: Dtype, exactIn: Dtype): Tensor[] {
  return draw(0, exactIn).map((value) => new nn.Parameter(value.to({ dtype, copy: true })));
}

/** Steps with gradients that are exact in `exactIn`; the last parameter gets its first one late. */
function train(optimizer: optim.Optimizer, exactIn: Dtype, from = 0, to = steps): void {
  for (let step = from; step < to; step++) {
    for (const [i, gradient] of draw(1 + step, exactIn).entries()) {
      const parameter = optimizer.parameters[i] as Tensor;
      parameter.grad = i === 2 && step < 3 ? null : gradient.to(parameter.dtype);
    }
    optimizer.step();
  }
}

const mastersOf = (optimizer: optim.Optimizer) =>
  Object.values(optimizer.stateDict().state).map(({ master_param }) => master_param as Tensor);

for (const [name, make] of Object.entries(optimizers)) {
  for (const implementation of ["fused", "foreach"] as const) {
    for (const dtype of ["bfloat16", "float16"] as const) {
      describe(`${name}, ${implementation}, ${dtype}`, () => {
        const options = { lr: 0.01, weightDecay: 0.1, implementation, masterWeights: true };

        test("the masters go as float32 parameters with the same gradients, and the parameters are rounded to them", () => {
          const [halves, whole] = [parametersIn(dtype, dtype), parametersIn("float32", dtype)];
          const [optimizer, other] = [make(halves, options), make(whole, options)];
          train(optimizer, dtype);
          train(other, dtype);
          assert.deepEqual(mastersOf(optimizer).map(encode), whole.map(encode));
          assert.deepEqual(
            halves.map(encode),
            whole.map((parameter) => encode(parameter.to(dtype))),
          );
          const dtypes = Object.values(optimizer.stateDict().state).flatMap((state) => Object.values(state));
          assert(dtypes.every((entry) => entry.dtype === "float32"));
          assert.equal(mastersOf(other).filter((master) => master !== undefined).length, 0);
        });

        test("they travel with the state", () => {
          const [halves, whole] = [parametersIn(dtype, dtype), parametersIn(dtype, dtype)];
          const [first, other] = [make(halves, options), make(whole, options)];
          train(first, dtype, 0, 7);
          const second = make(halves, options);
          second.loadStateDict(first.stateDict());
          first.dispose();
          train(second, dtype, 7);
          train(other, dtype);
          assert.deepEqual(mastersOf(second).map(encode), mastersOf(other).map(encode));
          assert.deepEqual(halves.map(encode), whole.map(encode));
        });
      });
    }
  }
}

test("updates too small for 16 bits add up with masters, and vanish without", () => {
  for (const [dtype, lr] of [
    ["bfloat16", 1e-3],
    ["float16", 1e-4],
  ] as const) {
    const after = [true, false].map((masterWeights) => {
      const parameter = tensor([1], { dtype, requiresGrad: true });
      const optimizer = new optim.SGD([parameter], { lr, masterWeights });
      for (let step = 0; step < 100; step++) {
        parameter.grad = tensor([1], { dtype });
        optimizer.step();
      }
      return parameter.toTypedArray()[0] as number;
    });
    assert(Math.abs((after[0] as number) - (1 - 100 * lr)) < 4e-3, `${dtype}: ${after[0]}`);
    assert.equal(after[1], 1);
  }
});

test("an epilogue clips the 16-bit gradients before they are converted", () => {
  const [half, whole] = [
    tensor([0, 0], { dtype: "bfloat16", requiresGrad: true }),
    tensor([0, 0], { requiresGrad: true }),
  ];
  for (const parameter of [half, whole]) {
    parameter.grad = tensor([3, 4], { dtype: parameter.dtype });
    const optimizer = new optim.SGD([parameter], { lr: 1, masterWeights: true });
    assert.equal(optimizer.epilogue([], { gradClip: 2.5 }).totalNorm, 5);
    assert.equal(parameter.grad, null);
  }
  assert.deepEqual(half.tolist(), [-1.5, -2]);
});

test("a state without masters, such as PyTorch's, starts them from the parameters", () => {
  const make = (masterWeights: boolean) => {
    const parameter = tensor([1, 2], { dtype: "bfloat16", requiresGrad: true });
    return { parameter, optimizer: new optim.Adam([parameter], { masterWeights }) };
  };
  const [without, having] = [make(false), make(true)];
  without.parameter.grad = tensor([1, 1], { dtype: "bfloat16" });
  without.optimizer.step();
  having.optimizer.loadStateDict(without.optimizer.stateDict());
  const state = having.optimizer.stateDict().state[0];
  assert.deepEqual(state?.master_param?.tolist(), [1, 2]);
  assert.equal(state?.exp_avg?.dtype, "float32");
  without.optimizer.loadStateDict(having.optimizer.stateDict());
  assert.deepEqual(Object.keys(without.optimizer.stateDict().state[0] ?? {}), [
    "step",
    "exp_avg",
    "exp_avg_sq",
  ]);
});

test("masters of another shape are refused, and so is an option that is no boolean", () => {
  const parameter = tensor([1, 2], { dtype: "bfloat16", requiresGrad: true });
  const optimizer = new optim.SGD([parameter], { masterWeights: true });
  const { param_groups } = optimizer.stateDict();
  assert.throws(
    () => optimizer.loadStateDict({ state: { 0: { master_param: tensor([1]) } }, param_groups }),
    {
      name: "TypeError",
      message: /expected the shape \[2\] for master_param of parameters\[0\], got \[1\]/,
    },
  );
  assert.throws(
    () => new optim.SGD([parameter], { masterWeights: 1 as never }),
    /expected a boolean for masterWeights/,
  );
});

test("without masters, fused SGD with momentum is right in 16 bits", () => {
  for (const dtype of ["bfloat16", "float16"] as const) {
    const buffers = (["fused", "foreach"] as const).map((implementation) => {
      const parameter = zeros([33], { dtype, requiresGrad: true });
      const optimizer = new optim.SGD([parameter], { momentum: 0.9, implementation });
      for (let step = 0; step < 3; step++) {
        parameter.grad = tensor(Array.from({ length: 33 }, (_, i) => i % 4)).to(dtype);
        optimizer.step();
      }
      return optimizer.stateDict().state[0]?.momentum_buffer?.tolist();
    });
    assert.deepEqual(buffers[0], buffers[1]);
  }
});
