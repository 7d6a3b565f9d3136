import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { dirname } from "node:path";
import { describe, it } from "node:test";
import { dtypes } from "../../lib/torch/dtype.ts";
import { load, memory, nn, ones, optim, save, scope, type Tensor, tensor } from "../../lib/torch/index.ts";
import { operator } from "../../lib/torch/operators.ts";
import { goldenPath, newPath, numbersOf } from "./pt-files.ts";

async function saveAndLoad<T>(value: T, name = "a.pt"): Promise<T> {
  const path = newPath(name);
  await save(value, path);
  return (await load(path)) as T;
}

describe("save", () => {
  it("keeps plain values", async () => {
    const values = {
      none: null,
      booleans: [true, false],
      integers: [0, 255, 256, 65536, -1, 2 ** 31, -(2 ** 31) - 1, 2 ** 53 - 1, -(2 ** 53) + 1],
      bigints: [2n ** 53n, -(2n ** 53n), 2n ** 64n, -(2n ** 2039n)],
      floats: [0.5, -0, 2 ** 53, 1e300, Number.POSITIVE_INFINITY, Number.NaN],
      text: ["", "é∑😀", "a".repeat(70_000), "__proto__", "cCollections\nOrderedDict\n"],
      empty: [[], {}],
      nested: Object.fromEntries([["__proto__", { a: [{ b: null }] }]]),
    };
    assert.deepEqual(await saveAndLoad(values), values);
    assert.deepEqual(await saveAndLoad(Object.assign(Object.create(null), { a: 1 })), { a: 1 });
    for (const value of [null, 1, "text", [], 2n ** 60n]) assert.deepEqual(await saveAndLoad(value), value);
  });

  it("gives bigints that a number can hold back as numbers", async () => {
    assert.deepEqual(await saveAndLoad([1n, -1n, 2n ** 31n]), [1, -1, 2 ** 31]);
  });

  it("keeps a text that looks like the name of a class apart from it", async () => {
    const text = "ctorch._utils\n_rebuild_tensor_v2\n";
    const [first, second] = await saveAndLoad([ones([1]), text]);
    assert.deepEqual((first as Tensor).tolist(), [1]);
    assert.equal(second, text);
  });

  it("keeps objects that come twice, and circles", async () => {
    const shared = { a: [1] };
    const circle: Record<string, unknown> = { shared, again: shared };
    circle.itself = circle;
    const loaded = await saveAndLoad(circle);
    assert.equal(loaded.shared, loaded.again);
    assert.equal(loaded.itself, loaded);
    const one = ones([2]);
    const [first, second] = (await saveAndLoad([one, one])) as [Tensor, Tensor];
    assert.equal(first, second);
  });

  it("keeps every dtype, shape and bit", async () => {
    for (const dtype of dtypes) {
      const all = [[], [3], [0, 4], [2, 1, 3]].map((shape) => ones(shape).mul(-1.5).to(dtype));
      const loaded = await saveAndLoad(all);
      assert.deepEqual(
        loaded.map((one) => [one.dtype, one.shape, numbersOf(one)]),
        all.map((one) => [one.dtype, one.shape, numbersOf(one)]),
      );
    }
    const bits = Uint32Array.of(0x7fc00001, 0xffc12345, 0x80000000, 1);
    const nan = await saveAndLoad(tensor(new Float32Array(bits.buffer)));
    assert.deepEqual(new Uint32Array(nan.toTypedArray().buffer), bits);
  });

  it("writes memory that tensors share once, with their strides and offsets", async () => {
    const base = tensor(Float32Array.from({ length: 12 }, (_, i) => i)).view([3, 4]);
    const path = newPath("a.pt");
    await save({ base, turned: base.t(), part: base.index(2, 3), detached: base.detach() }, path);
    const large = newPath("a.pt");
    await save({ base, other: base.clone() }, large);
    assert.equal(readFileSync(path).toString("latin1").split("a/data/").length, 3);
    assert.equal(readFileSync(large).toString("latin1").split("a/data/").length, 5);
    const loaded = (await load(path)) as Record<string, Tensor>;
    loaded.part?.fill_(100);
    assert.equal(loaded.base?.index(2, 3).item(), 100);
    assert.deepEqual(loaded.turned?.stride(), [1, 4]);
    assert.equal(loaded.detached?.index(2, 3).item(), 100);
  });

  it("keeps tied weights tied", async () => {
    const shared = new nn.Linear(2, 2);
    const loaded = await saveAndLoad(new nn.Sequential(shared, shared).stateDict());
    loaded["0.weight"]?.fill_(7);
    assert.equal(loaded["1.weight"]?.index(1, 1).item(), 7);
  });

  it("keeps Parameters and gradients' requirements", async () => {
    const values = [new nn.Parameter(ones([2])), new nn.Parameter(ones([2]), { requiresGrad: false })];
    const product = ones([2]).requiresGrad_().mul(2);
    const loaded = await saveAndLoad([...values, ones([1]).requiresGrad_(), product]);
    assert.deepEqual(
      loaded.map((one) => [one instanceof nn.Parameter, one.requiresGrad]),
      [
        [true, true],
        [true, false],
        [false, true],
        [false, true],
      ],
    );
  });

  it("carries a tensor larger than one piece through, and leaves no tensors behind", async () => {
    const large = tensor(Float32Array.from({ length: 2 ** 20 + 3 }, (_, i) => i % 1021));
    const path = newPath("a.pt");
    const before = memory().tensors;
    await save(large, path);
    assert.ok(memory().tensors <= before);
    assert.ok(((await load(path)) as Tensor).equal(large));
  });

  it("writes the same bytes for the same values", async () => {
    const paths = [newPath("a.pt"), newPath("a.pt")];
    for (const path of paths) await save({ a: ones([2]) }, path);
    assert.deepEqual(...(paths.map((path) => readFileSync(path)) as [Buffer, Buffer]));
  });

  it("takes names of files that no folder of an archive may have", async () => {
    for (const name of ["...pt", "c:a.pt", "é.pt", ".pt", "a\\b.pt"]) {
      assert.deepEqual(await saveAndLoad([1], name), [1]);
    }
  });

  it("refuses what cannot be saved, and names its place", async () => {
    const gone = ones([1]);
    gone.dispose();
    const base = ones([2]);
    const complex = operator<(x: Tensor, y: Tensor) => Tensor>("complex", ["aten::complex"]);
    const toSparse = operator<(x: Tensor) => Tensor>("toSparse", ["aten::to_sparse"]);
    const deep = Array.from({ length: 2000 }).reduce((inner) => [inner], []);
    const cases: [value: unknown, message: RegExp][] = [
      [{ a: [1, undefined] }, /a plain object for value\["a"\]\[1\], got undefined/],
      [{ a: undefined }, /a plain object for value\["a"\], got undefined/],
      [{ a: new Map() }, /for value\["a"\], got a Map/],
      [new nn.Linear(1, 1), /got a Linear\. Of modules and optimizers, save the stateDict\(\)/],
      [() => 1, /for value, got function/],
      [new Float32Array(2), /for value, got a Float32Array/],
      [[Symbol("a")], /for value\[0\]/],
      [{ gone }, /a Tensor that is not disposed for value\["gone"\]/],
      [ones([2]).to({ device: "meta" }), /a dense tensor with elements for value, got "meta"/],
      [toSparse(ones([2])), /a dense tensor with elements for value, got "a sparse one"/],
      [complex(base, base), /one of float32.* for the dtype of value, got "ComplexFloat"/],
      [[base, base.view("int32")], /float32 for every tensor on the same memory for value\[1\], got "int32"/],
      [2n ** 2040n, /an integer of at most 255 bytes for value/],
      [{ "\ud800": 1 }, /text without lone surrogates for value/],
      [deep, /values nested at most 900 deep/],
    ];
    const path = newPath("a.pt");
    for (const [value, message] of cases) {
      await assert.rejects(save(value, path), (error: Error) => {
        assert.match(error.message, message);
        assert.ok(error.message.startsWith("[torch.save] expected "), error.message);
        return true;
      });
    }
    assert.deepEqual(readdirSync(dirname(path)), []);
  });

  it("leaves the old file where writing fails", async () => {
    const path = newPath("a.pt");
    await save([1], path);
    const old = readFileSync(path);
    const writing = ones([2 ** 20]);
    const saved = save([ones([2 ** 20]), writing], path);
    writing.dispose();
    await assert.rejects(saved, /disposed/);
    assert.deepEqual(readFileSync(path), old);
    assert.deepEqual(readdirSync(dirname(path)), ["a.pt"]);
    writeFileSync(path, "a file, not a folder");
    await assert.rejects(save([1], `${path}/b.pt`), (error: Error) => error.message.includes(`${path}/b.pt`));
  });

  it("leaves the old file where the disk is full", async (context) => {
    const path = newPath("a.pt");
    await save([1], path);
    const old = readFileSync(path);
    const file = await open(path);
    const code = { code: "ENOSPC", syscall: "write" };
    const full = Object.assign(new Error("ENOSPC: no space left on device"), code);
    const writeFile = context.mock.method(Object.getPrototypeOf(file), "writeFile");
    writeFile.mock.mockImplementationOnce(() => Promise.reject(full), 5);
    await file.close();
    const before = memory().tensors;
    const large = [ones([2 ** 20]), ones([2 ** 20])];
    await assert.rejects(save(large, path), (error: Error) => {
      return error.message.includes("ENOSPC") && error.message.includes(path);
    });
    assert.ok(memory().tensors <= before + 2);
    assert.deepEqual(readFileSync(path), old);
    assert.deepEqual(readdirSync(dirname(path)), ["a.pt"]);
  });

  it("cannot run in a scope, which would free the tensors before they are written", () => {
    assert.throws(() => scope(() => save(ones([1]), newPath("a.pt"))), /a synchronous function/);
  });
});

describe("the state dict of an optimizer", () => {
  const kinds: Record<string, object> = {
    SGD: { momentum: 0.9 },
    Adam: { amsgrad: true },
    AdamW: {},
    Adamax: { lr: 1 },
  };
  for (const [kind, options] of Object.entries(kinds)) {
    it(`of ${kind} travels, with the places of the parameters as integers`, async () => {
      const Kind = optim[kind as "Adam"];
      const make = () => [new nn.Parameter(ones([2, 2])), new nn.Parameter(ones([3]))];
      const parameters = make();
      const optimizer = new Kind(parameters, options);
      for (const one of parameters) one.grad = ones(one.shape);
      optimizer.step();
      const path = newPath("optimizer.pt");
      await save({ optimizer: optimizer.stateDict(), others: { 0: "zero" } }, path);
      const loaded = (await load(path)) as { optimizer: optim.OptimizerStateDict };
      const other = new Kind(make(), {});
      other.loadStateDict(loaded.optimizer);
      assert.deepEqual(printed(other.stateDict()), printed(optimizer.stateDict()));
    });
  }

  function printed(dict: optim.OptimizerStateDict): unknown {
    const states = Object.entries(dict.state).map(([place, state]) => [
      place,
      Object.entries(state).map(([name, one]) => [name, one.dtype, one.tolist()]),
    ]);
    return [states, dict.param_groups];
  }
});

describe("the files of Python", () => {
  it("keep everything when they are read and written again", async () => {
    const values = await load(goldenPath("values.pt"));
    assert.deepEqual(await saveAndLoad(values), values);
    const { views } = (await saveAndLoad(await load(goldenPath("tensors.pt")))) as { views: Tensor[] };
    assert.deepEqual(
      views.map((one) => one.stride()),
      [[4, 1], [1, 4], [4, 2], [], [0, 0]],
    );
  });
});
