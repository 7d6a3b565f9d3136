import assert from "node:assert/strict";
import { appendFileSync, mkdirSync, readFileSync, renameSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { DictDataLoader, DictDataset } from "../../lib/data/index.ts";
import { fromFile, memory, saveSafetensors, type Tensor, tensor } from "../../lib/torch/index.ts";
import { Trainer } from "../../lib/training/index.ts";
import golden from "../goldens/serialization.json" with { type: "json" };
import { twoTaskModel } from "../model/models.ts";
import { fileWith, folder, goldenBytes, newPath } from "./safetensors-files.ts";

/** A .npy file as NumPy writes it. */
function npy(description: string, data: Uint8Array): `${string}.npy` {
  const path = `${newPath()}.npy` as const;
  const text = `${description.padEnd(117)}\n`;
  const start = Buffer.from(`\x93NUMPY\x01\0\0\0${text}`, "latin1");
  start.writeUInt16LE(text.length, 8);
  writeFileSync(path, Buffer.concat([start, data]));
  return path;
}
const described = (descr: string, fortran: boolean, shape: string) =>
  `{'descr': '${descr}', 'fortran_order': ${fortran ? "True" : "False"}, 'shape': (${shape}), }`;
const floats = new Uint8Array(Float32Array.of(0, 1, 2, 3, 4, 5).buffer);

describe("torch.fromFile gives", () => {
  it("every dtype and shape of a safetensors file by name", async () => {
    const path = newPath() as `${string}.safetensors`;
    writeFileSync(path, goldenBytes);
    const mapped = await fromFile(path);
    assert.deepEqual(Object.keys(mapped).sort(), golden.tensors.map(({ name }) => name).sort());
    for (const { name, dtype, shape, values } of golden.tensors) {
      const one = mapped[name];
      assert.deepEqual([one?.dtype, one?.shape], [dtype, shape]);
      assert.deepEqual(Array.from(one?.toTypedArray() ?? [], Number), values);
    }
  });

  it("the one of a .npy file, in C and in Fortran order", async () => {
    const rows = await fromFile(npy(described("<f4", false, "2, 3"), floats));
    assert.deepEqual(rows.tolist(), [
      [0, 1, 2],
      [3, 4, 5],
    ]);
    const columns = await fromFile(npy(described("<f4", true, "2, 3"), floats));
    assert.deepEqual(columns.tolist(), [
      [0, 2, 4],
      [1, 3, 5],
    ]);
    assert.equal((await fromFile(npy(described("<f8", false, ""), new Uint8Array(8)))).item(), 0);
    assert.deepEqual((await fromFile(npy(described("<f4", false, "0, 3"), new Uint8Array()))).shape, [0, 3]);
  });

  it("elements that are not aligned, and booleans, as copies", async () => {
    const path = fileWith(
      '{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"b":{"dtype":"F32","shape":[2],"data_offsets":[1,9]},' +
        '"c":{"dtype":"BOOL","shape":[3],"data_offsets":[9,12]}}',
      0,
    );
    appendFileSync(path, Buffer.concat([Buffer.of(7), floats.subarray(4, 12), Buffer.of(0, 1, 9)]));
    const { a, b, c } = (await fromFile(path, { format: "safetensors" })) as Record<string, Tensor>;
    assert.deepEqual([a?.tolist(), b?.tolist(), c?.tolist()], [[7], [1, 2], [false, true, true]]);
    assert.deepEqual([...(c?.toTypedArray() ?? [])], [0, 1, 1]);
  });
});

describe("a mapped tensor", () => {
  it("can be written to; the file stays as it is", async () => {
    const path = npy(described("<f4", false, "6"), floats);
    const bytes = readFileSync(path);
    const [first, second] = [await fromFile(path), await fromFile(path)];
    first.add_(1);
    assert.deepEqual(first.tolist(), [1, 2, 3, 4, 5, 6]);
    assert.deepEqual(second.tolist(), [0, 1, 2, 3, 4, 5]);
    assert.deepEqual(readFileSync(path), bytes);
  });

  it("counts as no memory, and outlives its siblings and the file's name", async () => {
    const path = newPath();
    await saveSafetensors(path, { a: tensor([1, 2]), b: tensor([3, 4]) });
    const before = memory();
    const mapped = (await fromFile(path)) as Record<string, Tensor>;
    assert.deepEqual(memory(), { tensors: before.tensors + 2, bytes: before.bytes });
    const view = (mapped.b as Tensor).narrow(0, 1, 1);
    mapped.a?.dispose();
    mapped.b?.dispose();
    renameSync(path, `${path}.old`);
    assert.deepEqual(view.tolist(), [4]);
    view.dispose();
    assert.deepEqual(memory(), before);
  });

  it("is unmapped when the last view of it is gone", async (context) => {
    if (process.platform !== "linux") return context.skip("reads /proc");
    const path = npy(described("<f4", false, "6"), floats);
    const isMapped = () => readFileSync("/proc/self/maps", "utf8").includes(path);
    const whole = await fromFile(path);
    const view = whole.narrow(0, 2, 2);
    whole.dispose();
    assert.ok(isMapped());
    view.dispose();
    assert.ok(!isMapped());
  });

  it("trains a model through a DictDataset", async () => {
    const path = newPath();
    const points = tensor(Float32Array.from({ length: 128 }, (_, i) => Math.sin(i * i))).view([64, 2]);
    await saveSafetensors(path, { points, labels: points.select(1, 0).gt(0).to("int64") });
    const { points: mapped, labels } = (await fromFile(path)) as Record<string, Tensor>;
    const dataset = (xDict: Record<string, Tensor>, task: Tensor) =>
      new DictDataset({ name: "points", split: "train", xDict, yDict: { first: task } });
    const history = await new Trainer({ progressBar: false, nEpochs: 2 }).fit(twoTaskModel(), [
      new DictDataLoader(dataset({ data: mapped as Tensor }, labels as Tensor), { batchSize: 8 }),
    ]);
    assert.equal(history.batches, 16);
  });
});

describe("torch.fromFile refuses, naming the file,", () => {
  const refused = (path: string, pattern: RegExp, options?: object) =>
    assert.rejects(fromFile(path, options), (error: Error) => {
      assert.ok(error.message.startsWith(`[torch.fromFile ${path}] `), error.message);
      assert.match(error.message, pattern);
      return true;
    });

  it("a file that is not there, or is a folder", async () => {
    await refused(join(folder, "none.npy"), /ENOENT/);
    mkdirSync(join(folder, "folder.npy"));
    await refused(join(folder, "folder.npy"), /no regular file|EISDIR/);
  });

  it("a file that is shorter or longer than its header says", async () => {
    const path = npy(described("<f4", false, "7"), floats);
    await refused(path, /for the file/);
    const short = npy(described("<f4", false, "6"), floats);
    truncateSync(short, 140);
    await refused(short, /for the file/);
    await refused(fileWith('{"a":{"dtype":"U8","shape":[9],"data_offsets":[0,9]}}', 8), /for the file/);
  });

  it("a damaged header", async () => {
    await refused(npy("{'descr': [('a', '<f4')]}", floats), /the header/);
    await refused(npy(described("<c8", false, "3"), floats), /./);
    await refused(npy(described(">f4", false, "6"), floats), /little-endian|dtype/);
    writeFileSync(join(folder, "a.npy"), "");
    await refused(join(folder, "a.npy"), /./);
    writeFileSync(join(folder, "a.safetensors"), Buffer.alloc(8, 0xff));
    await refused(join(folder, "a.safetensors"), /the length of the header/);
  });

  it("another format and unknown options", async () => {
    await assert.rejects(fromFile("a.csv"), /the format to be one of \["safetensors", "npy"\], got "csv"/);
    await assert.rejects(fromFile("a.npy", { form: "npy" } as object), /Did you mean "format"/);
    await assert.rejects(fromFile(1 as unknown as string), /a path for path/);
  });
});
