import "../plain-kernels.ts";
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import {
  memory,
  nn,
  ones,
  optim,
  scope,
  setNumThreads,
  type Tensor,
  tensor,
  zeros,
} from "../../../lib/torch/index.ts";
import { compareLBFGS, type LBFGSGoldens } from "../../../scripts/parity/torch/lbfgs.ts";
import { otherBits } from "./goldens.ts";

const golden = readFileSync(new URL("../../goldens/lbfgs.json", import.meta.url), "utf8");
const message = (pattern: RegExp) => ({ name: "TypeError", message: pattern });

describe("LBFGS equals PyTorch's to the bit", { skip: otherBits }, () => {
  setNumThreads(1);
  for (const { name, difference, bound } of compareLBFGS(JSON.parse(golden) as LBFGSGoldens)) {
    test(name, () => assert(difference <= bound, `${difference}`));
  }
});

/** The distance of a parameter from a place, with its gradient. */
function distance(parameter: Tensor, place: Tensor): () => Tensor {
  return () => {
    parameter.grad = null;
    const loss = parameter.sub(place).pow(2).sum();
    loss.backward();
    return loss;
  };
}

test("a step returns what the closure gave first, and the closure runs with gradients on", () => {
  const parameter = new nn.Parameter(zeros([2]));
  const optimizer = new optim.LBFGS([parameter], { lineSearchFn: "strongWolfe" });
  const closure = distance(parameter, tensor([3, -4]));
  assert.equal(optimizer.step(closure).item(), 25);
  assert(optimizer.step(closure).item() < 1e-9);
  assert.equal(
    optimizer.step(() => closure().item()),
    closure().item(),
  );
});

test("the state outlives the scopes around steps, and its tensors do not grow in number", () => {
  const parameter = new nn.Parameter(ones([3]));
  const optimizer = new optim.LBFGS([parameter], { lr: 0.01, maxIter: 2, historySize: 3 });
  const closure = distance(parameter, tensor([1, 2, 3]));
  const step = () => scope(() => optimizer.step(closure).item());
  for (let i = 0; i < 4; i++) step();
  const { tensors } = memory();
  const first = step();
  for (let i = 0; i < 10; i++) step();
  assert.equal(memory().tensors, tensors);
  assert(step() < first);
  optimizer.dispose();
  assert(memory().tensors < tensors);
});

test("a closure that throws leaves the state as it was", () => {
  const parameter = new nn.Parameter(ones([3]));
  const optimizer = new optim.LBFGS([parameter], { lr: 0.1, maxIter: 3 });
  const closure = distance(parameter, tensor([1, 2, 3]));
  optimizer.step(closure);
  const before = JSON.stringify(optimizer.stateDict().state[0]?.old_dirs?.map((tensor) => tensor.tolist()));
  let calls = 0;
  const failing = () => {
    if (++calls === 2) throw new Error("no");
    return closure();
  };
  assert.throws(() => optimizer.step(failing), /^Error: no/);
  assert.equal(JSON.stringify(optimizer.stateDict().state[0]?.old_dirs?.map((t) => t.tolist())), before);
  optimizer.step(closure);
});

test("parameters without a gradient count as zeros, and a gradient of zeros ends the step", () => {
  const [used, unused] = [new nn.Parameter(ones([2])), new nn.Parameter(ones([2]))];
  const optimizer = new optim.LBFGS([unused, used]);
  optimizer.step(distance(used, zeros([2])));
  assert.deepEqual(unused.tolist(), [1, 1]);
  assert(Math.abs((used.tolist() as number[])[0] as number) < 1e-3);
  const still = new optim.LBFGS([unused]);
  still.step(() => 1);
  assert.deepEqual(still.stateDict().state, { 0: { func_evals: 1, n_iter: 0 } });
});

test("options, parameters and closures are checked", () => {
  const parameter = new nn.Parameter(ones([2]));
  const failing = (options: object, pattern: RegExp) =>
    assert.throws(() => new optim.LBFGS([parameter], options), message(pattern));
  failing({ lr: -1 }, /^\[optim\.LBFGS\] expected a number at least 0 for lr, got -1/);
  failing({ maxIter: 0 }, /for maxIter, got 0/);
  failing({ maxEval: 1.5 }, /expected an integer at least 1 for maxEval/);
  failing({ historySize: 0 }, /for historySize/);
  failing({ toleranceGrad: "1" }, /for toleranceGrad/);
  failing({ lineSearchFn: "strong_wolfe" }, /Did you mean "strongWolfe"/);
  failing({ lineSearch: null }, /Did you mean "lineSearchFn"/);
  const making = (parameters: unknown, pattern: RegExp) =>
    assert.throws(() => new optim.LBFGS(parameters as Tensor[]), message(pattern));
  making([], /expected at least one parameter/);
  making([{ params: [parameter] }], /expected parameters without groups/);
  making([parameter, parameter], /expected distinct parameters for parameters\[1\]/);
  making([parameter.mul(2)], /expected a leaf tensor of a floating dtype for parameters\[0\]/);
  making([3], /expected a Tensor for parameters\[0\], got 3/);
  const optimizer = new optim.LBFGS([parameter]);
  const stepping = (closure: unknown, pattern: RegExp) =>
    assert.throws(() => optimizer.step(closure as () => number), message(pattern));
  stepping(undefined, /expected a function for closure/);
  stepping(async () => 1, /expected a synchronous function/);
  stepping(() => undefined, /expected a closure that returns the loss/);
});

test("a state that does not fit changes nothing", () => {
  const parameter = new nn.Parameter(ones([2]));
  const optimizer = new optim.LBFGS([parameter], { lr: 0.1, maxIter: 3, maxEval: 9 });
  optimizer.step(distance(parameter, zeros([2])));
  const { state, param_groups: groups } = optimizer.stateDict();
  const failing = (dict: unknown, pattern: RegExp) => {
    assert.throws(() => optimizer.loadStateDict(dict as optim.LBFGSStateDict), message(pattern));
    assert.equal(optimizer.lr, 0.1);
    assert.equal(optimizer.stateDict().state[0]?.n_iter, 3);
  };
  const withState = (changes: object) => ({
    state: { 0: { ...state[0], ...changes } },
    param_groups: groups,
  });
  failing(null, /expected an object with state and one of param_groups/);
  failing({ state, param_groups: [...groups, ...groups] }, /one of param_groups/);
  failing({ state, param_groups: [{ ...groups[0], params: [0, 1] }] }, /expected 1 parameters/);
  failing({ state, param_groups: [{ ...groups[0], max_iter: -1 }] }, /for maxIter, got -1/);
  failing(withState({ d: zeros([3]) }), /expected a tensor of shape \[2\] for d/);
  failing(withState({ old_dirs: [3] }), /for old_dirs\[0\], got 3/);
  failing(withState({ ro: [] }), /expected 2 tensors for ro/);
  failing(withState({ t: zeros([1]) }), /expected a tensor without dimensions for t/);
  failing(withState({ n_iter: -1 }), /for n_iter, got -1/);
});
