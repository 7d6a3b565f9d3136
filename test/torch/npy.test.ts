import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { describe, it } from "node:test";
import { dtypes } from "../../lib/torch/dtype.ts";
import {
  loadNpy,
  loadNpz,
  memory,
  ones,
  saveNpy,
  saveNpz,
  type Tensor,
  tensor,
} from "../../lib/torch/index.ts";
import { collectedMemory } from "../collected-memory.ts";
import { archiveOf, expectedOfPython, goldenPath, newPath, numbersOf } from "./pt-files.ts";

describe("loadNpz", () => {
  it("reads every dtype, order and shape that NumPy wrote", async () => {
    const loaded = await loadNpz(goldenPath("arrays.npz"));
    const { arrays } = expectedOfPython;
    assert.deepEqual(Object.keys(loaded), Object.keys(arrays));
    for (const [name, { shape, values }] of Object.entries(arrays)) {
      assert.deepEqual(loaded[name]?.shape, shape, name);
      assert.deepEqual(numbersOf(loaded[name]), values.map(Number), name);
    }
    assert.equal(loaded.int16_big?.dtype, "int16");
    assert.equal(loaded.bool?.dtype, "bool");
    assert.deepEqual(loaded.fortran?.stride(), [1, 2, 6]);
  });

  it("inflates", async () => {
    const before = (await collectedMemory()).tensors;
    const { zeros, ones } = await loadNpz(goldenPath("compressed.npz"));
    assert.equal(memory().tensors, before + 2);
    assert.deepEqual([zeros?.shape, zeros?.sum().item()], [[300, 300], 0]);
    assert.deepEqual([ones?.dtype, ones?.tolist()], ["int16", [1, 1, 1]]);
  });

  it("names the array that is wrong, and frees the others", async () => {
    const good = readFileSync(goldenPath("version_2.npy"));
    const before = memory().tensors;
    const damaged = { "good.npy": good, "bad.npy": good.subarray(1) };
    await assert.rejects(
      loadNpz(await archiveOf(damaged)),
      /\[npz .*NUMPY.* for the first bytes.*, in "a\/bad.npy"/,
    );
    await assert.rejects(
      loadNpz(await archiveOf({ "good.npy": good, "notes.txt": "" })),
      /only .npy files .*notes/,
    );
    assert.ok(memory().tensors <= before);
  });

  it("reads what saveNpz wrote, and leaves no others behind", async () => {
    const path = newPath("a.npz");
    const base = tensor(Float32Array.from({ length: 2 ** 19 }, (_, i) => i)).view([2, -1]);
    const tensors = { base, turned: base.t(), "folder/é": ones([], { dtype: "int64" }), empty: ones([0]) };
    const before = memory().tensors;
    await saveNpz(tensors, path);
    const loaded = await loadNpz(path);
    assert.ok(memory().tensors <= before + 4);
    assert.deepEqual(Object.keys(loaded), Object.keys(tensors));
    assert.ok(loaded.base?.equal(base));
    assert.ok(loaded.turned?.equal(base.t()));
    assert.equal(loaded["folder/é"]?.dtype, "int64");
  });
});

describe("saveNpz", () => {
  it("refuses names that lead elsewhere, and what is no tensor", async () => {
    const path = newPath("a.npz");
    for (const name of ["", "/a", "../a", "a/../b", "c:a", "a\\b", "a\0", "a".repeat(2 ** 16)]) {
      await assert.rejects(
        saveNpz({ [name]: ones([1]) }, path),
        /the name of a file in an archive for a name/,
      );
    }
    await assert.rejects(saveNpz({ a: 1 } as never, path), /a Tensor that is not disposed for "a", got 1/);
    await assert.rejects(
      saveNpz({ a: ones([1]).to("bfloat16") }, path),
      /\[torch.saveNpz "a"\] .*NumPy knows/,
    );
    assert.deepEqual(readdirSync(dirname(path)), []);
  });
});

describe("saveNpy", () => {
  it("writes NumPy's own bytes", async () => {
    const path = newPath("a.npy");
    for (const { shape, file } of expectedOfPython.saved) {
      await saveNpy(ones(shape), path);
      assert.equal(readFileSync(path).toString("base64"), file);
    }
  });

  it("keeps every dtype that NumPy knows", async () => {
    const path = newPath("a.npy");
    for (const dtype of dtypes.filter((name) => name !== "bfloat16")) {
      const one = ones([2, 3]).mul(-1).to(dtype);
      await saveNpy(one, path);
      const loaded = await loadNpy(path);
      assert.deepEqual([loaded.dtype, numbersOf(loaded)], [dtype, numbersOf(one)]);
    }
    await assert.rejects(
      saveNpy(ones([1]).to("bfloat16"), path),
      /NumPy knows .* "bfloat16".*to\("float32"\)/,
    );
    await assert.rejects(saveNpy([1] as unknown as Tensor, path), /a Tensor that is not disposed for tensor/);
  });
});

describe("loadNpy", () => {
  it("reads the versions 2 and 3", async () => {
    for (const version of [2, 3]) {
      const loaded = await loadNpy(goldenPath(`version_${version}.npy`));
      assert.deepEqual(loaded.tolist(), [
        [0, 1, 2],
        [3, 4, 5],
      ]);
    }
  });

  it("makes true of every byte of a bool that is not 0", async () => {
    const path = newPath("a.npy");
    await saveNpy(tensor([false, true, true, true]), path);
    const bytes = readFileSync(path);
    bytes.set([0, 1, 2, 255], bytes.length - 4);
    writeFileSync(path, bytes);
    assert.deepEqual([...(await loadNpy(path)).toTypedArray()], [0, 1, 1, 1]);
  });

  const refused: Record<string, RegExp> = {
    complex: /got "<c8" \(string\). Complex numbers cannot be read/,
    date: /got "<M8\[D\]" .*Dates cannot be read/,
    longdouble: /got "<f16" .*Floats of more than 64 bits cannot/,
    object: /got "\|O" .*Python objects, which are pickled, cannot be read/,
    raw: /got "\|V2" .*Raw bytes \(also those of bfloat16/,
    structured: /a plain dtype \(neither structured nor aligned\) for 'descr' for character 10/,
    text: /got "<U1" .*Texts cannot be read/,
    uint16: /got "<u2" .*Unsigned integers of more than 8 bits/,
    uint32: /got "<u4" .*Unsigned integers/,
    uint64: /got "<u8" .*Unsigned integers/,
  };
  for (const [name, message] of Object.entries(refused)) {
    it(`refuses ${name} by name`, async () => {
      await assert.rejects(loadNpy(goldenPath(`refused_${name}.npy`)), message);
    });
  }

  it("checks its options, and names a file that is missing", async () => {
    await assert.rejects(loadNpy("a", { devise: "cpu" } as object), /Did you mean "device"/);
    const missing = newPath("a.npy");
    await assert.rejects(loadNpy(missing), (error: Error) => error.message.includes(missing));
  });
});
