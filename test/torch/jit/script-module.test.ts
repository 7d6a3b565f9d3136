import "../plain-kernels.ts";
import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import {
  jit,
  memory,
  nn,
  noGrad,
  optim,
  randn,
  scope,
  setNumThreads,
  type Tensor,
  tensor,
  zeros,
} from "../../../lib/torch/index.ts";
import { compareTorchscript, type ScriptGolden } from "../../../scripts/parity/torch/torchscript.ts";
import golden from "../../goldens/torchscript.json" with { type: "json" };
import { goldenFolder, goldenPath } from "./archives.ts";

const goldens = golden as unknown as ScriptGolden;
const load = (name: string) => jit.load(goldenPath(name));

before(() => setNumThreads(1));

it("computes and trains as in Python: weights, every method, fine-tuning below a new head", async () => {
  const rows = await compareTorchscript(goldens, goldenFolder);
  const withGradients = goldens.calls.filter(({ gradients }) => gradients !== null);
  assert.equal(rows.length, 5 + goldens.calls.length + withGradients.length + 3 * goldens.runs.length);
  assert.equal(withGradients.length, 7);
  for (const { name, difference, bound } of rows) assert.ok(difference <= bound, `${name}: ${difference}`);
});

for (const [name, { text, methods, parameters, buffers }] of Object.entries(goldens.files)) {
  it(`${name}.pt prints as in Python and has its names`, async () => {
    const module = await load(name);
    assert.equal(String(module), text);
    assert.deepEqual(module.methodNames, methods);
    assert.deepEqual(
      module.namedParameters().map(([path, parameter]) => [path, parameter.requiresGrad]),
      parameters,
    );
    assert.deepEqual(
      module.namedBuffers().map(([path]) => path),
      buffers,
    );
    assert.ok(module.parameters().every((parameter) => parameter instanceof nn.Parameter));
  });
}

describe("the tensors of a ScriptModule are those that its program computes with", () => {
  it("an optimizer's step changes what it computes", async () => {
    const module = await load("traced");
    const input = randn([4, 3]);
    const loss = () => (module.forward(input) as Tensor).square().mean();
    const optimizer = new optim.SGD(module.parameters(), { lr: 0.1 });
    const first = loss();
    first.backward();
    optimizer.step();
    assert.ok(loss().item() < first.item());
  });

  it("loadStateDict changes what it computes, and names what does not fit", async () => {
    const [module, other] = [await load("traced"), await load("traced")];
    const input = randn([2, 3]);
    const dict = Object.fromEntries(
      Object.entries(module.stateDict()).map(([name, weight]) => [name, weight.mul(2)]),
    );
    const before = module.forward(input) as Tensor;
    module.loadStateDict(dict);
    other.loadStateDict(module.stateDict());
    assert.notDeepEqual((module.forward(input) as Tensor).tolist(), before.tolist());
    assert.deepEqual((module.forward(input) as Tensor).tolist(), (other.forward(input) as Tensor).tolist());
    assert.throws(() => module.loadStateDict({}), /Missing key\(s\) in state_dict: "0.weight"/);
  });

  it("to() turns the floating ones into a dtype, in place", async () => {
    const module = await load("methods");
    const parameters = module.parameters();
    module.to("float64");
    assert.deepEqual(module.parameters(), parameters);
    assert.ok(parameters.every(({ dtype }) => dtype === "float64"));
    assert.equal(module.stateDict().count?.dtype, "int64");
    const output = module.forward(randn([3, 2], { dtype: "float64" })) as Tensor;
    assert.equal(output.dtype, "float64");
  });

  it("to() reaches those that the program holds in a list too", async () => {
    const module = (await load("recurrent")).to("float64");
    const [output] = module.forward(tensor([[1n, 2n]])) as [Tensor];
    assert.equal(output.dtype, "float64");
  });

  it("requiresGrad_(false) freezes it, and gradients land on its parameters", async () => {
    const module = (await load("trunk")).requiresGrad_(false);
    const input = randn([2, 1, 8, 8]);
    assert.equal((module.forward(input) as Tensor).requiresGrad, false);
    module.requiresGrad_();
    (module.forward(input) as Tensor).sum().backward();
    assert.ok(module.parameters().every(({ grad }) => grad !== null));
    module.zeroGrad();
    assert.ok(module.parameters().every(({ grad }) => grad === null));
  });

  it("train() and eval() switch BatchNorm and Dropout of the program", async () => {
    const module = await load("trunk");
    const input = randn([4, 1, 8, 8]);
    const statistics = () => module.stateDict()["norm.running_mean"]?.tolist();
    const run = () => (module.forward(input) as Tensor).tolist();
    assert.equal(module.training, true);
    module.eval();
    assert.ok(module.modules().every(({ training }) => !training));
    const before = statistics();
    assert.deepEqual(run(), run());
    assert.deepEqual(statistics(), before);
    module.train();
    assert.notDeepEqual(run(), run());
    assert.notDeepEqual(statistics(), before);
  });

  it("a buffer that the program assigns anew is seen", async () => {
    const module = await load("methods");
    const count = () => module.stateDict().count?.item();
    assert.equal(count(), 0);
    scope(() => void module.call("count_up"));
    assert.equal(count(), 1);
    module.loadStateDict({ ...module.stateDict(), count: tensor([41n]).squeeze(0) });
    assert.equal((module.call("count_up") as Tensor).item(), 42);
  });

  it("a tensor that is there twice is one Parameter", async () => {
    const module = await load("methods");
    const [[, layers], [, first]] = module.namedChildren() as [[string, nn.Module], [string, nn.Module]];
    assert.deepEqual(
      layers
        .children()[0]
        ?.parameters()
        .map((parameter) => first.parameters().includes(parameter)),
      [true, true],
    );
    const state = module.stateDict();
    assert.equal(Object.keys(state).length, 10);
    state["first.bias"]?.fill_(7);
    assert.deepEqual(state["layers.0.bias"]?.tolist(), [7, 7]);
  });

  it("a frozen one has no parameters and keeps its mode", async () => {
    const module = await load("frozen");
    const input = randn([2, 1, 8, 8]);
    assert.deepEqual(module.parameters(), []);
    assert.equal(module.training, false);
    const before = (module.forward(input) as Tensor).tolist();
    assert.deepEqual((module.train().forward(input) as Tensor).tolist(), before);
  });

  it("calls in a scope leave nothing behind", async () => {
    const module = await load("trunk");
    const input = randn([2, 1, 8, 8]);
    const { tensors } = memory();
    for (let i = 0; i < 3; i++) scope(() => (module.forward(input) as Tensor).sum().backward());
    module.zeroGrad();
    scope(() => void module.stateDict());
    assert.equal(memory().tensors, tensors);
  });
});

describe("a method's arguments are checked against its types", () => {
  let module: jit.ScriptModule;
  const x = zeros([1, 2]);
  const wrong = (pattern: RegExp, method: string, ...args: unknown[]) =>
    assert.throws(() => module.call(method, ...(args as jit.ScriptValue[])), pattern);
  before(async () => {
    module = await load("methods");
  });

  it("names a method that there is not", () => {
    wrong(/Did you mean "forward"/, "forwards", x);
    wrong(/a method's name for method, got 1/, 1 as unknown as string);
    assert.throws(() => module.call("__proto__"), TypeError);
  });

  it("names the argument, its type and what it got", () => {
    wrong(/expected a Tensor for x, got undefined/, "forward");
    wrong(/expected a Tensor for x, got 1 \(number\)/, "forward", 1);
    wrong(/expected at most 4 arguments, got 5/, "forward", x, 1, true, x, x);
    wrong(/expected a number for factor, got "2" \(string\)/, "forward", x, "2");
    wrong(/expected a number for factor, got 1 \(bigint\)/, "forward", x, 1n);
    wrong(/expected a boolean for twice, got 1/, "forward", x, 1, 1);
    wrong(/expected a Tensor for extra, got "x"/, "forward", x, 1, true, "x");
    wrong(/expected an array \(List\[Tensor\]\) for tensors, got an object/, "gather", x, [1]);
    wrong(/expected a Tensor for tensors\[1\], got 2/, "gather", [x, 2], [1]);
    wrong(/expected a number for weights\[0\], got null/, "gather", [x], [null]);
    wrong(/expected an integer for count, got 1.5/, "describe", 1.5, "a", [1, x], [true]);
    wrong(/expected an integer for count, got NaN/, "describe", Number.NaN, "a", [1, x], [true]);
    wrong(/expected a string for word, got 2/, "describe", 1, 2, [1, x], [true]);
    wrong(
      /expected an array of 2 \(Tuple\[int, Tensor\]\) for pair, got an array of 1/,
      "describe",
      1,
      "a",
      [1],
      [],
    );
    wrong(/expected an object \(Dict\[str, Tensor\]\) for fields, got an array of 0/, "look_up", [], "a");
    wrong(/expected a Tensor for fields\.a, got 1/, "look_up", { a: 1 }, "a");
    wrong(/expected a pair \[key, value\] for table, got 1/, "by_number", [1]);
    wrong(/expected an array of at most/, "gather", new Array(2 ** 21), [1]);
  });

  it("undefined is the default, null is None", () => {
    const [given, left] = [module.call("forward", x, 2, false, null), module.call("forward", x, undefined)];
    assert.deepEqual((given as Tensor).tolist(), (left as Tensor).tolist());
    wrong(/expected a number for factor, got null/, "forward", x, null);
  });

  it("what the program raises says where", () => {
    wrong(/nothing of the kind/, "fail");
    wrong(/Traceback of TorchScript[\s\S]*mat1 and mat2/, "forward", zeros([1, 3]));
  });

  it("a disposed tensor and getters that throw are errors", () => {
    const gone = zeros([1]);
    gone.dispose();
    wrong(/disposed/, "forward", gone);
    const trap = {
      get a(): Tensor {
        throw new Error("from the getter");
      },
    };
    wrong(/from the getter/, "look_up", trap, "a");
  });

  it("keys that JavaScript treats as special come back as keys", () => {
    const fields = Object.fromEntries([["__proto__", tensor([2])]]);
    assert.deepEqual((module.call("look_up", fields, "__proto__") as Tensor).tolist(), [4]);
  });
});

it("runs the same operators in every call", async () => {
  const module = (await load("trunk")).eval();
  const input = randn([3, 1, 8, 8]);
  const outputs = Array.from({ length: 4 }, () => noGrad(() => (module.forward(input) as Tensor).tolist()));
  for (const output of outputs) assert.deepEqual(output, outputs[0]);
});
