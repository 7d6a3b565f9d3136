import assert from "node:assert/strict";
import { readdirSync, writeFileSync } from "node:fs";
import { describe, it } from "node:test";
import { dtypes } from "../../lib/torch/dtype.ts";
import { load, memory, nn, type Tensor } from "../../lib/torch/index.ts";
import { collectedMemory } from "../collected-memory.ts";
import { expectedOfPython, goldenPath, newPath, numbersOf } from "./pt-files.ts";

const formats = ["", "_4", "_legacy"];

async function loadRecord(name: string, options?: { mapLocation: string }): Promise<Record<string, unknown>> {
  return (await load(goldenPath(name), options)) as Record<string, unknown>;
}

for (const format of formats) {
  describe(`load of a file of Python${format && `, ${format.slice(1)}`}`, () => {
    it("gives plain values", async () => {
      const values = await loadRecord(`values${format}.pt`);
      assert.deepEqual(values, {
        none: null,
        booleans: [true, false],
        integers: [0, 255, 256, 65535, 65536, -1, -(2 ** 31), 2 ** 31, 2 ** 53 - 1, -(2 ** 53) + 1],
        bigints: [2n ** 53n, -(2n ** 53n), 2n ** 64n, -(2n ** 70n)],
        floats: [0.5, -0, 1, 1e300, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN],
        text: ["", "é∑😀", "a".repeat(300), "__proto__"],
        tuple: [1, [2, []], []],
        set: [7],
        nested: Object.fromEntries([
          ["a", { b: [{ c: null }] }],
          ["__proto__", 1],
        ]),
        integer_keys: { 0: "zero", 10: "ten", "-1": "minus" },
        ordered: { z: 1, a: 2 },
        counter: { 30: 1 },
        size: [2, 3],
        device: ["cpu", "cuda:1"],
        dtype: ["bfloat16", "int64"],
        same: [
          [1, 2],
          [1, 2],
        ],
      });
      assert.deepEqual(Object.keys(values.ordered as object), ["z", "a"]);
      const [first, second] = values.same as unknown[];
      assert.equal(first, second);
    });

    it("gives every dtype and shape, bit for bit", async () => {
      const loaded = await loadRecord(`tensors${format}.pt`);
      for (const dtype of dtypes) {
        const tensors = loaded[dtype] as Tensor[];
        assert.deepEqual(
          tensors.map((one) => [one.dtype, one.shape]),
          [[], [3], [0, 4], [2, 1, 3]].map((shape) => [dtype, shape]),
        );
        assert.deepEqual(tensors.map(bytesOf), expectedOfPython.dtypes[dtype]);
      }
    });

    it("keeps views on one memory, with their strides", async () => {
      const views = (await loadRecord(`tensors${format}.pt`)).views as Tensor[];
      const [base, turned, part, element, expanded] = views as [Tensor, Tensor, Tensor, Tensor, Tensor];
      assert.deepEqual(turned.stride(), [1, 4]);
      assert.deepEqual(part.tolist(), [
        [4, 6],
        [8, 10],
      ]);
      assert.equal(element.item(), 11);
      assert.deepEqual(expanded.stride(), [0, 0]);
      base.add_(100);
      assert.equal(element.item(), 111);
      assert.equal(turned.index(0, 2).item(), 108);
    });

    it("keeps what is a Parameter and what requires a gradient", async () => {
      const { grad, tagged, module } = (await loadRecord(`tensors${format}.pt`)) as Record<string, Tensor[]>;
      assert.deepEqual(
        grad?.map((one) => [one instanceof nn.Parameter, one.requiresGrad, one.isLeaf]),
        [
          [false, true, true],
          [true, true, true],
          [true, false, true],
        ],
      );
      assert.deepEqual(
        tagged?.map((one) => [one instanceof nn.Parameter, one.tolist()]),
        [
          [false, [1, 1]],
          [true, [1, 1]],
        ],
      );
      const own = new nn.Sequential(new nn.Linear(2, 3), new nn.BatchNorm1d(3)).to("float64");
      own.loadStateDict(module as unknown as Record<string, Tensor>);
    });
  });
}

function bytesOf(tensor: Tensor): string {
  const isHalf = tensor.dtype === "float16" || tensor.dtype === "bfloat16";
  const plain = isHalf ? tensor.view("int16") : tensor;
  return Buffer.from(plain.toTypedArray().buffer as ArrayBuffer).toString("base64");
}

describe("load", () => {
  const refused: Record<string, RegExp> = {
    class: /plain values and tensors for byte 2 of data.pkl, got "__main__.Unknown"/,
    module: /got "torch.nn.modules.linear.Linear" .*Save a state dict/,
    sparse: /_rebuild_sparse_tensor.*Sparse tensors cannot be read/,
    quantized: /_rebuild_qtensor.*Quantized tensors cannot be read/,
    complex: /torch.ComplexFloatStorage.*Complex numbers cannot be read/,
    complex_number: /complex.*Complex numbers cannot be read/,
    uint16: /Dtypes such as uint16 and float8 cannot be read/,
    float8: /Dtypes such as uint16 and float8 cannot be read/,
    meta: /Tensors on the meta device cannot be read/,
    numpy: /numpy.*Objects of NumPy cannot be read/,
    negated: /a tensor that is not conjugated or negated/,
    tuple_key: /a string or an integer for a key of a dictionary for byte \d+ of data.pkl, got an array of 2/,
    two_kinds_of_keys: /keys that differ as strings too/,
    bytes: /got "_codecs.encode"/,
    script: /got "a TorchScript module".*Use torch.jit.load/,
  };
  for (const [name, message] of Object.entries(refused)) {
    it(`refuses ${name} by name`, async () => {
      const before = memory().tensors;
      const path = goldenPath(`refused_${name}.pt`);
      await assert.rejects(load(path), (error: Error) => {
        assert.match(error.message, message);
        assert.ok(error.message.startsWith(`[torch.load ${path}] expected `), error.message);
        return true;
      });
      assert.ok(memory().tensors <= before);
    });
  }

  it("refuses every file that Python wrote to be refused", () => {
    const names = readdirSync(goldenPath(".")).filter((name) => /^refused_.*\.pt$/.test(name));
    assert.deepEqual(
      names,
      Object.keys(refused)
        .map((name) => `refused_${name}.pt`)
        .sort(),
    );
  });

  it("leaves no tensors behind but those it gives", async () => {
    const before = (await collectedMemory()).tensors;
    const { views } = (await loadRecord("tensors.pt")) as { views: Tensor[] };
    // Of ten dtypes four, five views, five with a gradient or a tag, a state dict of seven, and the data of three Parameters.
    assert.equal(memory().tensors - before, 60);
    assert.equal(views.length, 5);
  });

  it("puts tensors where mapLocation says", async () => {
    const loaded = await loadRecord("snorkel.pth", { mapLocation: "meta" });
    for (const one of Object.values(loaded)) assert.equal((one as Tensor).device, "meta");
  });

  it("checks its options", async () => {
    await assert.rejects(load("a", { mapLocations: "cpu" } as object), /Did you mean "mapLocation"/);
    await assert.rejects(load("a", { mapLocation: "cuda:99" }), /cuda/i);
    await assert.rejects(load("a", { mapLocation: 3 as never }), /device/);
  });

  it("names a file that is missing, empty, or of something else", async () => {
    const missing = newPath("a.pt");
    await assert.rejects(load(missing), (error: Error) => error.message.includes(missing));
    writeFileSync(missing, "");
    await assert.rejects(load(missing), /a file of torch.save for the file/);
    writeFileSync(missing, "text");
    await assert.rejects(load(missing), /a file of torch.save for the file, got "74657874\.\.\."/);
    const tar = Buffer.alloc(1024);
    tar.write("ustar", 257);
    writeFileSync(missing, tar);
    await assert.rejects(load(missing), /got "a tar archive"/);
    await assert.rejects(
      load(goldenPath("arrays.npz")),
      /one data.pkl in a folder for the archive, got "bool.npy/,
    );
  });

  it("reads numbers of other dtypes than float32", async () => {
    const { int64 } = (await loadRecord("tensors.pt")) as { int64: Tensor[] };
    assert.deepEqual(numbersOf(int64[1]), [0, 1, 2]);
  });
});
