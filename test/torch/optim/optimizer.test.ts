import assert from "node:assert/strict";
import { test } from "node:test";
import { tensor } from "../../../lib/torch/creation.ts";
import { native } from "../../../lib/torch/native.ts";
import {
  Adagrad,
  Adam,
  Adamax,
  AdamW,
  NAdam,
  type Optimizer,
  RAdam,
  RMSprop,
  SGD,
} from "../../../lib/torch/optim/index.ts";
import type { Tensor } from "../../../lib/torch/tensor.ts";
import { encode, initialParameters, numbers, setGradients } from "./goldens.ts";

const leaf = (data: number[] | number[][]) => tensor(data, { requiresGrad: true });
const message = (pattern: RegExp) => ({ name: "TypeError", message: pattern });

test("the defaults are PyTorch's", () => {
  const group = (optimizer: Optimizer) => optimizer.stateDict().param_groups[0];
  assert.deepEqual(group(new SGD([leaf([1])])), {
    lr: 0.001,
    momentum: 0,
    dampening: 0,
    weight_decay: 0,
    nesterov: false,
    maximize: false,
    params: [0],
  });
  const adam = { betas: [0.9, 0.999], eps: 1e-8, weight_decay: 0, maximize: false, params: [0] };
  assert.deepEqual(group(new Adam([leaf([1])])), { ...adam, lr: 0.001, amsgrad: false });
  assert.deepEqual(group(new AdamW([leaf([1])])), { ...adam, lr: 0.001, amsgrad: false, weight_decay: 0.01 });
  assert.deepEqual(group(new Adamax([leaf([1])])), { ...adam, lr: 0.002 });
});

test("options are checked once, at construction", () => {
  const parameters = [leaf([1])];
  const failing = (options: object, pattern: RegExp) =>
    assert.throws(() => new Adam(parameters, options), message(pattern));
  failing({ lr: -1 }, /^\[optim\.Adam\] expected a number at least 0 for lr, got -1/);
  failing({ betas: [0.9, 1] }, /expected a number at least 0 below 1 for betas\[1\], got 1/);
  failing({ betas: 0.9 }, /expected two numbers for betas/);
  failing({ eps: Number.NaN }, /expected a number at least 0 for eps/);
  failing({ weightDecay: "1" }, /for weightDecay, got "1" \(string\)/);
  failing({ amsgrad: 1 }, /expected a boolean for amsgrad/);
  failing({ implementation: "fusd" }, /Did you mean "fused"/);
  failing({ weightdecay: 0 }, /Did you mean "weightDecay"/);
  assert.throws(
    () => new SGD(parameters, { nesterov: true }),
    message(/expected a momentum above 0 for nesterov/),
  );
  assert.throws(
    () => new SGD(parameters, { nesterov: true, momentum: 0.9, dampening: 0.1 }),
    message(/expected a dampening of 0 for nesterov/),
  );
  const optimizer = new SGD(parameters);
  assert.throws(
    () => {
      optimizer.lr = Number.NaN;
    },
    message(/for lr, got NaN/),
  );
});

test("parameters are distinct leaves of a floating dtype, at least one", () => {
  const parameter = leaf([1, 2]);
  assert.throws(() => new Adam([]), message(/^\[optim\.Adam\] expected at least one parameter/));
  assert.throws(() => new Adam([parameter, parameter]), message(/second time as parameters\[1\]/));
  assert.throws(() => new Adam([parameter.mul(2)]), message(/expected a leaf tensor for parameters\[0\]/));
  assert.throws(
    () => new Adam([tensor([1], { dtype: "int64" })]),
    message(/of a floating dtype for parameters\[0\]/),
  );
  // @ts-expect-error: a tensor where a list is expected is fine, a number is not
  assert.throws(() => new Adam(3), message(/expected tensors for parameters, got 3/));
});

test("lr is the rate of the next step", () => {
  const parameter = leaf([1]);
  const optimizer = new SGD([parameter], { lr: 0.5 });
  parameter.grad = tensor([1]);
  optimizer.step();
  optimizer.lr = 0.25;
  optimizer.step();
  assert.equal(optimizer.lr, 0.25);
  assert.deepEqual(parameter.tolist(), [0.25]);
});

test("zeroGrad sets the gradients to null, and a step without gradients changes nothing", () => {
  const parameter = leaf([1]);
  const optimizer = new Adam([parameter]);
  parameter.grad = tensor([1]);
  optimizer.zeroGrad();
  assert.equal(parameter.grad, null);
  optimizer.step();
  assert.deepEqual(parameter.tolist(), [1]);
  assert.deepEqual(optimizer.stateDict().state, {});
});

const all = [
  { name: "SGD", make: (parameters) => new SGD(parameters, { momentum: 0.9 }) },
  { name: "Adam", make: (parameters) => new Adam(parameters, { amsgrad: true }) },
  { name: "AdamW", make: (parameters) => new AdamW(parameters, { implementation: "foreach" }) },
  { name: "Adamax", make: (parameters) => new Adamax(parameters) },
] satisfies { name: string; make: (parameters: ReturnType<typeof initialParameters>) => Optimizer }[];

for (const { name, make } of all) {
  test(`${name} goes on from a loaded state as if it had never stopped`, () => {
    const whole = initialParameters();
    const halves = initialParameters();
    const one = make(whole);
    let two: Optimizer = make(halves);
    for (let step = 0; step < 16; step++) {
      if (step === 8) {
        const next: Optimizer = make(halves);
        two.lr = 0.02;
        one.lr = 0.02;
        next.loadStateDict(two.stateDict());
        two.dispose();
        two = next;
      }
      setGradients(whole, step);
      setGradients(halves, step);
      one.step();
      two.step();
    }
    assert.equal(two.lr, 0.02);
    assert.deepEqual(halves.map(encode), whole.map(encode));
  });

  test(`${name} reads a gradient that lies otherwise in memory than its parameter`, () => {
    const [straight, turned] = [
      leaf([
        [1, 2, 3],
        [4, 5, 6],
      ]),
      leaf([
        [1, 2, 3],
        [4, 5, 6],
      ]),
    ];
    const optimizer = make([straight, turned]);
    straight.grad = tensor([
      [1, -2, 3],
      [-4, 5, -6],
    ]);
    turned.grad = tensor([
      [1, -4],
      [-2, 5],
      [3, -6],
    ]).t();
    optimizer.step();
    const [wanted, got] = [numbers(straight), numbers(turned)];
    for (const [i, value] of wanted.entries()) assert(Math.abs(value - (got[i] ?? Number.NaN)) < 1e-6);
  });
}

test("PyTorch's own options in a state are taken over, and those that are only Python's passed over", () => {
  const optimizer = new AdamW([leaf([1])]);
  const python = {
    foreach: null,
    capturable: false,
    fused: null,
    decoupled_weight_decay: true,
    initial_lr: 0.5,
  };
  const group = {
    ...python,
    lr: 0.25,
    betas: [0.5, 0.75],
    eps: 0.5,
    weight_decay: 0.125,
    amsgrad: false,
    params: [0],
  };
  optimizer.loadStateDict({ state: {}, param_groups: [group] });
  assert.deepEqual(optimizer.stateDict().param_groups, [
    {
      lr: 0.25,
      betas: [0.5, 0.75],
      eps: 0.5,
      weight_decay: 0.125,
      amsgrad: false,
      maximize: false,
      params: [0],
    },
  ]);
});

test("a state that does not fit changes nothing", () => {
  const parameters = [leaf([1, 2]), leaf([3])];
  const optimizer = new Adam(parameters, { lr: 0.5 });
  for (const parameter of parameters) parameter.grad = parameter.detach();
  optimizer.step();
  const before = optimizer.stateDict();
  const bits = JSON.stringify(
    Object.values(before.state).map((entries) => Object.values(entries).map(encode)),
  );
  const failing = (change: (dict: typeof before) => void, pattern: RegExp) => {
    const dict = structuredClone({ param_groups: before.param_groups });
    const changed = { ...dict, state: { 0: { ...before.state[0] }, 1: { ...before.state[1] } } };
    const [group] = changed.param_groups;
    assert(group !== undefined);
    group.lr = 0.125;
    change(changed as typeof before);
    assert.throws(() => optimizer.loadStateDict(changed as typeof before), message(pattern));
    const after = optimizer.stateDict();
    assert.equal(optimizer.lr, 0.5);
    assert.equal(
      JSON.stringify(Object.values(after.state).map((entries) => Object.values(entries).map(encode))),
      bits,
    );
  };
  failing((dict) => dict.param_groups.push(...dict.param_groups), /expected one parameter group/);
  failing(
    (dict) => dict.param_groups[0]?.params.pop(),
    /expected 2 parameters for param_groups\[0\]\.params/,
  );
  failing(
    (dict) => delete dict.state[1]?.exp_avg,
    /expected a tensor for exp_avg of parameters\[1\], got none/,
  );
  failing((dict) => {
    dict.state[1] = { ...dict.state[1], exp_avg: tensor([1, 2]) };
  }, /expected the shape \[1\] for exp_avg of parameters\[1\], got \[2\]/);
  failing((dict) => Object.assign(dict.param_groups[0] ?? {}, { betas: [2, 3] }), /for betas\[0\], got 2/);
});

test("a parameter that changed since its state was made is an error, not a crash", () => {
  const parameter = leaf([1, 2]);
  const optimizer = new Adam([parameter]);
  parameter.grad = tensor([1, 1]);
  optimizer.step();
  parameter.grad = null;
  native.tensorSetData(parameter, tensor(new Array(1000).fill(1)));
  parameter.grad = tensor(new Array(1000).fill(1));
  assert.throws(() => optimizer.step(), message(/expected exp_avg of parameters\[0\] to be like it/));
});

test("a disposed optimizer is an error on every use", () => {
  const optimizer = new Adam([leaf([1])]);
  optimizer.dispose();
  optimizer.dispose();
  for (const use of [() => optimizer.step(), () => optimizer.stateDict(), () => optimizer.zeroGrad()]) {
    assert.throws(use, message(/disposed/));
  }
});

test("an empty parameter and one of no dimensions are updated like any other", () => {
  for (const implementation of ["fused", "foreach"] as const) {
    const [empty, scalar] = [
      tensor(new Float32Array(0), { requiresGrad: true }),
      tensor(1, { requiresGrad: true }),
    ];
    empty.grad = tensor(new Float32Array(0));
    scalar.grad = tensor(1);
    for (const optimizer of [
      new SGD([empty, scalar], { lr: 0.5, implementation }),
      new Adam([empty, scalar], { implementation }),
      new Adamax([empty, scalar], { implementation }),
    ]) {
      optimizer.step();
    }
    assert(scalar.item() < 0.5);
  }
});

test("16-bit parameters are updated by both implementations", () => {
  for (const dtype of ["bfloat16", "float16"] as const) {
    for (const implementation of ["fused", "foreach"] as const) {
      for (const { Class } of [{ Class: SGD }, { Class: Adam }, { Class: AdamW }, { Class: Adamax }]) {
        const parameter = tensor([1], { dtype, requiresGrad: true });
        parameter.grad = tensor([1], { dtype });
        new Class([parameter], { lr: 0.5, implementation }).step();
        const value = Number(parameter.toTypedArray()[0]);
        assert(Math.abs(value - 0.5) < 0.01, `${Class.name} ${dtype} ${implementation}: ${value}`);
      }
    }
  }
});

test("a count of steps that was given another view of its memory is refused, and not written", () => {
  for (const implementation of ["fused", "foreach"] as const) {
    for (const Class of [Adam, AdamW, Adamax, Adagrad, NAdam, RAdam, RMSprop]) {
      const parameter = leaf([1, 2]);
      const optimizer = new Class([parameter], { implementation });
      parameter.grad = tensor([1, 1]);
      optimizer.step();
      const step = (optimizer.stateDict().state[0] as Record<string, Tensor>).step as Tensor;
      step.asStrided_([0], [1], 2 ** 40);
      assert.throws(
        () => optimizer.step(),
        message(/expected step of .* to be a float32 tensor of one number, got/),
      );
    }
  }
});
