import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { jit, type Tensor, zeros } from "../../../lib/torch/index.ts";
import { goldenPath, readRecords, zipped } from "./archives.ts";
import { assertSurvives } from "./run-mutations.ts";
import { changed, folder, write } from "./script-files.ts";

/** Loading fails with an error that names the file and says this. */
async function refused(path: string, pattern: RegExp): Promise<void> {
  await assert.rejects(jit.load(path), (error: Error) => {
    assert.ok(error.message.startsWith(`[torch.jit.load ${path}] `), error.message);
    assert.match(error.message, pattern);
    return true;
  });
}

const trunk = readFileSync(goldenPath("trunk"));

describe("torch.jit.load names the file and says", () => {
  it("that it cannot be read", async () => {
    await refused(join(folder, "none.pt"), /ENOENT/);
    mkdirSync(join(folder, "folder"));
    await refused(join(folder, "folder"), /EISDIR|EINVAL/);
  });

  it("that it is not whole", async () => {
    await refused(write(Buffer.alloc(0)), /a whole zip archive/);
    await refused(write(trunk.subarray(0, -1)), /a whole zip archive/);
    await refused(write(trunk.subarray(0, 5000)), /a whole zip archive/);
  });

  it("which record is damaged", async () => {
    const bytes = Buffer.from(trunk);
    const at = bytes.indexOf("_rebuild_tensor_v2");
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    await refused(write(bytes), /the record "data.pkl" damaged: its checksum differs/);
  });

  it("that it claims too much", async () => {
    const huge = Buffer.alloc(2 ** 26);
    const records = [...(await readRecords(goldenPath("trunk"))), ["trunk/extra/zeros", huge] as const];
    await refused(write(await zipped(records, { compress: true })), /bytes and more in compressed records/);
    const twice = [...records.slice(0, 1), ["trunk/DATA/0", Buffer.of(1)] as const];
    twice.unshift(["trunk/data/0", Buffer.of(1)]);
    await refused(write(await zipped(twice)), /the record ".*" twice/i);
    await refused(
      write(
        await zipped([
          ["a/b", huge.subarray(0, 1)],
          ["c/d", huge.subarray(0, 1)],
        ]),
      ),
      /outside of/,
    );
  });

  it("that it is a file of torch.save", async () => {
    await refused(
      write(Buffer.from("\x80\x02}q\x00.", "latin1")),
      /Files of torch.save are read by torch.load/,
    );
    const records = new Map([["a/data.pkl", Buffer.from("\x80\x02}q\x00.", "latin1")]]);
    await refused(write(await zipped(records)), /an archive of torch.save. Files of torch.save are read by/);
    await refused(write(await zipped([["a/b", Buffer.of(1)]])), /an archive of something else/);
  });

  it("which version it has and which LibTorch reads", async () => {
    const path = await changed("trunk", { version: "11\n" });
    await refused(
      path,
      /version 1 to 10 of the format, which LibTorch 2\.\S+ reads,.* got "11".*A newer PyTorch/,
    );
    await refused(await changed("trunk", { version: "x" }), /got "x"/);
    await refused(await changed("trunk", { version: null }), /a record version/);
  });

  it("which operator is refused, in which function", async () => {
    await refused(
      goldenPath("reads-file"),
      /aten::from_file in __torch__.ReadsFile.forward, which reads files/,
    );
    await refused(goldenPath("writes-file"), /aten::save in __torch__.WritesFile.helper, which writes files/);
    const code = (await readRecords(goldenPath("trunk"))).get("trunk/code/__torch__.py")?.toString() ?? "";
    const calling = (call: string) =>
      changed("trunk", { "code/__torch__.py": code.replace("torch.flatten(x0, 1)", call) });
    assert.ok(code.includes("torch.flatten(x0, 1)"), code);
    await refused(await calling("ops.quantized.add(x0, x0, 1., 0)"), /quantized::add .* neither ATen's nor/);
    await refused(await calling("ops.prim.IgnoredPythonOp(x0)"), /Python|IgnoredPythonOp/);
  });

  it("that the code is not as torch.jit.save writes it", async () => {
    const code = (await readRecords(goldenPath("trunk"))).get("trunk/code/__torch__.py")?.toString() ?? "";
    const coded = (source: string) => changed("trunk", { "code/__torch__.py": source });
    await refused(await coded(`${code}# a comment\n`), /code as torch.jit.save writes it/);
    await refused(await coded(code.replace("return ", `return ${"(".repeat(1000)}`)), /more than 400 parts/);
    await refused(await coded(`${code}\n  def __setstate__(self) -> None:\n    pass\n`), /__setstate__/);
    await refused(await coded("class"), /./);
  });

  it("which attribute is of another type than declared", async () => {
    const pickle = (await readRecords(goldenPath("trunk"))).get("trunk/data.pkl") as Buffer;
    const at = pickle.indexOf("training") + "training".length + 2;
    assert.equal(pickle[at], 0x88);
    const other = Buffer.concat([pickle.subarray(0, at), Buffer.from("K\x01"), pickle.subarray(at + 1)]);
    await refused(await changed("trunk", { "data.pkl": other }), /expected bool for attribute training of/);
  });

  it("which record is not as long as the pickle says", async () => {
    await refused(await changed("trunk", { "data/0": Buffer.alloc(4) }), /at most 4 bytes in storage 0, got/);
    await refused(await changed("trunk", { "data/0": null }), /the key of a record of the file, got "0"/);
    await refused(
      await changed("trunk", { "constants.pkl": Buffer.from("\x80\x02u.", "latin1") }),
      /a mark on the stack/,
    );
  });

  it("what is wrong with its options", async () => {
    await assert.rejects(jit.load(goldenPath("trunk"), { devise: "cpu" } as object), /Did you mean "device"/);
    await assert.rejects(jit.load(goldenPath("trunk"), { device: "cuda:99" }), /cuda/i);
    await assert.rejects(jit.load(1 as unknown as string), /a path for path, got 1/);
  });
});

describe("torch.jit.load reads", () => {
  it("an archive that another program has compressed", async () => {
    const path = write(await zipped(await readRecords(goldenPath("trunk")), { compress: true }));
    const input = zeros([1, 1, 8, 8]);
    const [whole, packed] = [await jit.load(goldenPath("trunk")), await jit.load(path)];
    const outputs = [whole, packed].map((module) => (module.eval().forward(input) as Tensor).tolist());
    assert.deepEqual(outputs[0], outputs[1]);
  });

  it("onto another device", async () => {
    const module = await jit.load(goldenPath("trunk"), { device: "meta" });
    assert.ok(module.parameters().every(({ device }) => device === "meta"));
  });
});

it("no damage ends the process: a sample", () => {
  const { loaded, refused: errors } = assertSurvives("trunk", 0, 60);
  assert.equal(loaded + errors, 60);
  assert.ok(errors > 20 && loaded > 0, `${loaded} loaded, ${errors} refused`);
});
