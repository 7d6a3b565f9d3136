import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { extractLibTorch } from "../../lib/libtorch/extract.ts";
import { librariesToOpen, libraryFile, readLibTorch } from "../../lib/libtorch/index.ts";
import { temporaryFolder, wheelContents, writeZip } from "./fake-wheel.ts";

test("a wheel's LibTorch is extracted without what is for Python only", async (context) => {
  const folder = temporaryFolder(context);
  const contents = wheelContents();
  await writeZip(join(folder, "wheel"), contents);
  await extractLibTorch(join(folder, "wheel"), join(folder, "out"));
  const files = readdirSync(join(folder, "out"), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => entry.name);
  assert.deepEqual(
    files.sort(),
    [
      "TorchConfig.cmake",
      "libgomp-98df74fd.so.1.0.0",
      "native_functions.yaml",
      "torch.h",
      "version.py",
      libraryFile("c10"),
      libraryFile("torch_cpu"),
    ].sort(),
  );
  const library = `torch/lib/${libraryFile("torch_cpu")}`;
  assert.deepEqual(readFileSync(join(folder, "out", library)), contents[library]);
});

test("OpenMP's runtime is opened first, then c10, then torch_cpu", async (context) => {
  const folder = temporaryFolder(context);
  await writeZip(join(folder, "wheel"), wheelContents());
  await extractLibTorch(join(folder, "wheel"), folder);
  const libTorch = readLibTorch(folder);
  const lib = join(folder, "torch", "lib");
  const cpu = [
    join(folder, "torch.libs", "libgomp-98df74fd.so.1.0.0"),
    join(lib, libraryFile("c10")),
    join(lib, libraryFile("torch_cpu")),
  ];
  assert.deepEqual(librariesToOpen(libTorch), cpu);
  assert.deepEqual(librariesToOpen({ ...libTorch, flavour: "cu130" }), [
    ...cpu,
    join(lib, libraryFile("c10_cuda")),
    join(lib, libraryFile("torch_cuda")),
  ]);
});

test("a path that leads out of the folder is refused", async (context) => {
  const folder = temporaryFolder(context);
  const wheel = join(folder, "wheel");
  await writeZip(wheel, { "torch/include/aa/bb/cc/evil.h": "evil" });
  const bytes = readFileSync(wheel).toString("latin1").replaceAll("include/aa/bb/cc/", "include/../../../");
  writeFileSync(wheel, bytes, "latin1");
  await assert.rejects(extractLibTorch(wheel, join(folder, "out")), /\.\./);
  assert.ok(!existsSync(join(folder, "evil.h")));
});

test("a damaged archive is an error", async (context) => {
  const folder = temporaryFolder(context);
  const wheel = join(folder, "wheel");
  await writeZip(wheel, wheelContents());
  writeFileSync(wheel, readFileSync(wheel).subarray(0, 5000));
  await assert.rejects(extractLibTorch(wheel, join(folder, "out")));
});
