import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { Program, TrainingThread } from "../../../lib/torch/engine/index.ts";
import { jit, noGrad, optim, scope, type Tensor, tensor, zerosLike } from "../../../lib/torch/index.ts";
import { native } from "../../../lib/torch/native.ts";
import { goldenPath, readRecords } from "../jit/archives.ts";
import { changed } from "../jit/script-files.ts";
import { bitsOf, buildStep, makeData, makeModel, planOf } from "./steps.ts";

const tensorInUse =
  /^TypeError: \[.*\] expected a tensor that no training uses, got one in use\. Wait for fit/;
const optimizerInUse =
  /^TypeError: \[.*\] expected an optimizer that no training uses, got one in use\. Wait for fit/;
const arenaInUse = /^TypeError: \[.*\] expected an arena that no thread uses, got one in use\. Wait for fit/;

/** A program of TorchScript that resizes what it is given. */
async function resizingScript(): Promise<string> {
  const source = (await readRecords(goldenPath("trunk"))).get("trunk/code/__torch__.py")?.toString() ?? "";
  const signature = "    x: Tensor) -> Tensor:\n";
  const head = source.slice(0, source.indexOf(signature) + signature.length);
  const body =
    "    _0 = torch.resize_(x, [torch.add(torch.size(x, 0), 1), torch.size(x, 1)])\n    return x\n";
  return changed("trunk", { "code/__torch__.py": head + body });
}

describe("While a thread trains", () => {
  const thread = new TrainingThread();
  const model = makeModel();
  const data = makeData();
  const optimizer = new optim.Adam(model.parameters);
  const plan = planOf(model, data, optimizer, { steps: 2 });
  const [parameter] = model.parameters as [Tensor, ...Tensor[]];
  const long = { ...plan, ...repeat(plan, 500_000) };
  let running: ReturnType<TrainingThread["run"]>;
  let resizing: jit.ScriptModule;

  before(async () => {
    resizing = await jit.load(await resizingScript());
    await thread.run(plan);
    running = thread.run(long);
    while (thread.progress === 0) await new Promise((resolve) => setImmediate(resolve));
  });
  after(async () => {
    thread.abort();
    assert.deepEqual([(await running).error, (await running).aborted], [null, true]);
    // All is free again.
    optimizer.step();
    noGrad(() => parameter.add_(1));
    data.x.dispose();
    thread.dispose();
  });

  const state = () => Object.values(native.optimizerState(optimizer)[0] ?? {});
  const refused: Record<string, [() => unknown, RegExp]> = {
    "writing a parameter": [() => noGrad(() => parameter.add_(1)), tensorInUse],
    "writing through a view of one": [
      () => scope(() => parameter.detach().select(0, 0).fill_(1)),
      tensorInUse,
    ],
    "assigning to elements": [() => parameter.detach().indexPut_([0], 1), tensorInUse],
    "changing the size of one": [() => data.x.resize_([1000, 1000]), tensorInUse],
    "changing the size of one by TorchScript": [() => resizing.forward(data.x), tensorInUse],
    "replacing one's memory": [() => native.tensorSetData(parameter, zerosLike(parameter)), tensorInUse],
    "writing the data": [() => data.x.zero_(), tensorInUse],
    "disposing a parameter": [() => parameter.dispose(), tensorInUse],
    "disposing the data": [() => data.labels[0].dispose(), tensorInUse],
    "setting a gradient": [() => (parameter.grad = null), tensorInUse],
    "freezing a parameter": [() => (parameter.requiresGrad = false), tensorInUse],
    "replacing a module's parameter": [() => (model.heads[0].bias = null), tensorInUse],
    "a step of the optimizer": [() => optimizer.step(), optimizerInUse],
    "an epilogue of it": [() => optimizer.epilogue([]), optimizerInUse],
    "clearing its gradients": [() => optimizer.zeroGrad(), optimizerInUse],
    "reading its state": [() => state(), optimizerInUse],
    "adding a group to it": [() => optimizer.addParamGroup({ params: [tensor(1)] }), optimizerInUse],
    "disposing it": [() => optimizer.dispose(), optimizerInUse],
    "running a program of the same memory": [
      () => native.programRun(long.programs[0]?.program as never, []),
      arenaInUse,
    ],
  };
  for (const [title, [act, message]] of Object.entries(refused)) {
    it(`${title} is refused`, () => {
      assert.throws(act, message);
      assert(!thread.progress || thread.progress < 500_000);
    });
  }

  it("reading is allowed, and so is freeing what only looks at it", () => {
    scope(() => {
      assert.equal(parameter.detach().isfinite().all().item(), true);
      assert.equal(data.x.narrow(0, 0, 2).mul(2).shape[0], 2);
    });
    const copy = parameter.detach().clone();
    copy.add_(1);
    copy.dispose();
  });

  it("another model can be trained here", () => {
    const other = makeModel();
    using program = buildStep(other, makeData(), [0, 1]);
    assert(program instanceof Program);
    assert.deepEqual(bitsOf(other.parameters), bitsOf(makeModel().parameters));
  });

  it("handles of what it uses can be disposed and forgotten", () => {
    native.programDispose(long.programs[0]?.program as never);
    globalThis.gc?.();
  });
});

function repeat({ positions }: { positions: Int32Array }, steps: number) {
  const size = positions.length / 2;
  return {
    steps: new Int32Array(steps),
    positions: Int32Array.from({ length: steps * size }, (_, i) => positions[i % positions.length] as number),
    starts: Int32Array.from({ length: steps + 1 }, (_, i) => i * size),
    counts: new Float64Array(2 * steps),
    rates: [new Float64Array(steps)],
  };
}
