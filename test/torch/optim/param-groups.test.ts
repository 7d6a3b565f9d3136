import "../plain-kernels.ts";
import assert from "node:assert/strict";
import { test } from "node:test";
import { tensor } from "../../../lib/torch/creation.ts";
import { Adam, clipGradNorm, RMSprop, SGD } from "../../../lib/torch/optim/index.ts";
import type { Tensor } from "../../../lib/torch/tensor.ts";
import { encode, initialParameters, setGradients } from "./goldens.ts";

// Steps in groups are compared with Python's in algorithms.test.ts.

const leaf = (...data: number[]) => tensor(data, { requiresGrad: true });
const withGradient = (value: number, gradient: number) => {
  const parameter = leaf(value);
  parameter.grad = tensor([gradient]);
  return parameter;
};
const message = (pattern: RegExp) => ({ name: "TypeError", message: pattern });

test("a group's options are the optimizer's where it has none of its own, and each goes at its rate", () => {
  const [first, second] = [withGradient(1, 1), withGradient(1, 1)];
  const optimizer = new SGD(
    [
      { params: [first], lr: 0.5 },
      { params: second, maximize: true },
    ],
    { lr: 0.25 },
  );
  assert.deepEqual(
    optimizer.paramGroups.map(({ params, lr, maximize, momentum }) => [
      params.length,
      lr,
      maximize,
      momentum,
    ]),
    [
      [1, 0.5, false, 0],
      [1, 0.25, true, 0],
    ],
  );
  optimizer.step();
  assert.deepEqual([first.tolist(), second.tolist()], [[0.5], [1.25]]);
  assert.equal(optimizer.lr, 0.5);
  optimizer.lr = 0.125;
  optimizer.step();
  assert.deepEqual([first.tolist(), second.tolist()], [[0.375], [1.375]]);
  assert.deepEqual(optimizer.parameters, [first, second]);
});

test("options of a group can be set; one that does not fit is refused and changes nothing", () => {
  const parameter = withGradient(1, 1);
  const optimizer = new SGD([parameter], { lr: 0.5 });
  const [group] = optimizer.paramGroups;
  assert(group !== undefined);
  group.weightDecay = 1;
  group.lr = 0.25;
  optimizer.step();
  assert.deepEqual(parameter.tolist(), [0.5]);
  assert.throws(
    () => {
      group.lr = -1;
    },
    message(/^\[optim\.SGD\.paramGroups\[0\]\] expected a number at least 0 for lr, got -1/),
  );
  assert.throws(
    () => {
      group.nesterov = true;
    },
    message(/expected a momentum above 0 for nesterov/),
  );
  assert.throws(() => Object.assign(group, { weightdecay: 1 }), TypeError);
  assert.deepEqual([group.lr, group.nesterov, group.weightDecay], [0.25, false, 1]);
});

test("momentum can be switched on, which starts from the gradient, and off, which forgets it", () => {
  const parameter = withGradient(0, 1);
  const optimizer = new SGD([parameter], { lr: 1 });
  const [group] = optimizer.paramGroups;
  assert(group !== undefined);
  optimizer.step();
  group.momentum = 0.5;
  optimizer.step();
  optimizer.step();
  assert.deepEqual(parameter.tolist(), [-3.5]);
  group.momentum = 0;
  optimizer.step();
  assert.deepEqual(parameter.tolist(), [-4.5]);
  assert.deepEqual(optimizer.stateDict().state, {});
});

test("an option that needs state which a parameter lacks is refused", () => {
  const parameter = withGradient(1, 1);
  const optimizer = new Adam([leaf(3), parameter]);
  const [group] = optimizer.paramGroups;
  assert(group !== undefined);
  group.amsgrad = true;
  group.amsgrad = false;
  optimizer.step();
  assert.throws(
    () => {
      group.amsgrad = true;
    },
    message(/keep no more state than before, got some that need max_exp_avg_sq of parameters\[1\]/),
  );
  assert.equal(group.amsgrad, false);
  optimizer.step();
  const centered = new RMSprop([parameter], { centered: true, momentum: 0.5 });
  centered.step();
  Object.assign(centered.paramGroups[0] ?? {}, { momentum: 0 });
  centered.step();
  assert.deepEqual(Object.keys(centered.stateDict().state[0] ?? {}), ["step", "square_avg", "grad_avg"]);
});

test("groups are added later; a parameter of another group is refused, and nothing is added", () => {
  const [first, second] = [withGradient(1, 1), withGradient(1, 1)];
  const optimizer = new SGD([first], { lr: 0.5 });
  optimizer.addParamGroup({ params: [second], lr: 0.25 });
  optimizer.step();
  assert.deepEqual([first.tolist(), second.tolist()], [[0.5], [0.75]]);
  const failing = (group: unknown, pattern: RegExp) => {
    assert.throws(() => optimizer.addParamGroup(group as { params: Tensor[] }), message(pattern));
    assert.equal(optimizer.paramGroups.length, 2);
  };
  failing({ params: [leaf(1), first] }, /second time as parameters\[3\]/);
  failing(
    { params: [leaf(1)], lr: "1" },
    /^\[optim\.SGD\.paramGroups\[2\]\] expected a number at least 0 for lr/,
  );
  failing({ params: [leaf(1)], implementation: "foreach" }, /expected option to be one of/);
  failing({ lr: 1 }, /expected tensors for parameters, got undefined/);
  failing([leaf(1)], /expected an object with params for group/);
  optimizer.addParamGroup({ params: [] });
  optimizer.step();
  assert.throws(() => new SGD([{ params: [] }]), message(/expected at least one parameter/));
  assert.throws(
    () => new SGD([{ params: [first] }, leaf(1)] as never),
    message(/expected a Tensor for parameters\[0\]/),
  );
});

test("an epilogue takes a rate for each group, and refuses another number of them before anything changes", () => {
  const [first, second] = [withGradient(1, 1), withGradient(1, 1)];
  const optimizer = new SGD([{ params: [first] }, { params: [second], lr: 4 }], { lr: 2 });
  for (const rate of [0.5, [0.5], [0.5, 0.5, 0.5]]) {
    assert.throws(
      () => optimizer.epilogue([], { rate }),
      message(/^\[Optimizer\.epilogue\] expected one rate for each of 2 parameter groups, got [13]/),
    );
  }
  assert.throws(() => optimizer.epilogue([], { rate: [1, "2"] as never }), message(/for rate\[1\], got "2"/));
  assert.deepEqual([first.tolist(), second.tolist(), first.grad?.tolist()], [[1], [1], [1]]);
  optimizer.epilogue([], { rate: [0.5, 0.25] });
  assert.deepEqual([first.tolist(), second.tolist(), first.grad], [[0.5], [0.75], null]);
  [first.grad, second.grad] = [tensor([1]), tensor([1])];
  optimizer.epilogue([]);
  assert.deepEqual([first.tolist(), second.tolist()], [[-1.5], [-3.25]]);
});

test("a frozen parameter, and what is kept for it, stays until it has gradients again", () => {
  const [frozen, free] = [withGradient(1, 1), withGradient(1, 1)];
  const optimizer = new Adam([frozen, free]);
  optimizer.step();
  const before = [encode(frozen), ...Object.values(optimizer.stateDict().state[0] ?? {}).map(encode)];
  frozen.requiresGrad = false;
  for (let step = 0; step < 3; step++) {
    optimizer.zeroGrad();
    frozen.mul(free).sum().backward();
    optimizer.step();
  }
  const { state } = optimizer.stateDict();
  assert.deepEqual([encode(frozen), ...Object.values(state[0] ?? {}).map(encode)], before);
  assert.deepEqual([state[0]?.step?.item(), state[1]?.step?.item()], [1, 4]);
});

test("the norm is taken in the order that was set, to the bit", () => {
  const norms = (makeOrder: (parameters: Tensor[]) => Tensor[]) => {
    const parameters = initialParameters().filter(({ dtype }) => dtype === "float32");
    const [a, b, c, d] = parameters;
    assert(a !== undefined && b !== undefined && c !== undefined && d !== undefined);
    const optimizer = new SGD([{ params: [d, b] }, { params: [c, a] }], {
      implementation: "foreach",
    });
    const order = makeOrder(parameters);
    optimizer.setGradientOrder(order);
    return Array.from({ length: 10 }, (_, step) => {
      for (const parameter of parameters) parameter.grad = parameter.detach().mul(1 + step * 0.37);
      const { totalNorm } = optimizer.epilogue([], { gradClip: 1e9, rate: [0, 0] });
      for (const parameter of parameters) parameter.grad = parameter.detach().mul(1 + step * 0.37);
      assert.equal(totalNorm, clipGradNorm(order, 1e9));
      return totalNorm;
    });
  };
  assert.notDeepEqual(
    norms((parameters) => parameters),
    norms((parameters) => parameters.toReversed()),
  );
});

test("an order of gradients is of the optimizer's parameters, each once", () => {
  const [first, second] = [leaf(1), leaf(2)];
  const optimizer = new SGD([first, second]);
  for (const order of [[], [first], [first, first], [first, second, first], [first, leaf(2)]]) {
    assert.throws(
      () => optimizer.setGradientOrder(order),
      message(/expected the optimizer's parameters, each once/),
    );
  }
  assert.throws(() => optimizer.setGradientOrder(3 as never), message(/expected tensors/));
  optimizer.setGradientOrder([second, first]);
  optimizer.addParamGroup({ params: [leaf(3)] });
  optimizer.epilogue([]);
});

test("a state of several groups goes on as if it had never stopped, and one of other groups is refused", () => {
  const make = (parameters: Tensor[], lrs: [number, number]) =>
    new Adam(
      [
        { params: parameters.slice(2), lr: lrs[0] },
        { params: parameters.slice(0, 2), lr: lrs[1] },
      ],
      {
        betas: [0.8, 0.9],
      },
    );
  const [whole, halves] = [initialParameters(), initialParameters()];
  const one = make(whole, [0.01, 0.1]);
  let two = make(halves, [0.01, 0.1]);
  for (let step = 0; step < 12; step++) {
    if (step === 6) {
      const next = make(halves, [1, 1]);
      next.loadStateDict(two.stateDict());
      two = next;
    }
    setGradients(whole, step);
    setGradients(halves, step);
    one.step();
    two.step();
  }
  assert.deepEqual(halves.map(encode), whole.map(encode));
  assert.deepEqual(
    two.stateDict().param_groups.map(({ lr, params }) => [lr, params]),
    [
      [0.01, [0, 1, 2]],
      [0.1, [3, 4]],
    ],
  );
  const { state, param_groups: groups } = two.stateDict();
  const failing = (param_groups: unknown, pattern: RegExp) => {
    assert.throws(() => two.loadStateDict({ state, param_groups } as never), message(pattern));
    assert.deepEqual(
      two.paramGroups.map(({ lr }) => lr),
      [0.01, 0.1],
    );
  };
  failing(groups.slice(1), /expected 2 parameter groups for param_groups, got an array of 1/);
  failing(groups.toReversed(), /expected 3 parameters for param_groups\[0\]\.params, got an array of 2/);
  failing(
    [
      { ...groups[0], lr: 7 },
      { ...groups[1], betas: [2, 2] },
    ],
    /param_groups\[1\]\] expected .* for betas\[0\]/,
  );
  failing([null, null], /expected 3 parameters for param_groups\[0\]\.params, got undefined/);
  failing(undefined, /expected an object with state and param_groups for dict/);
});
