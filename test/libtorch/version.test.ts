import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { libraryFile, readLibTorch } from "../../lib/libtorch/index.ts";
import { temporaryFolder, versionModule } from "./fake-wheel.ts";

function makeFolder(context: TestContext, files: Record<string, string>): string {
  const folder = temporaryFolder(context);
  mkdirSync(join(folder, "lib"));
  writeFileSync(join(folder, "lib", libraryFile("torch_cpu")), "");
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}

test("an archive's build-version gives version and flavour", (context) => {
  const folder = makeFolder(context, { "build-version": "2.13.0+cu130\n" });
  assert.deepEqual(readLibTorch(folder), { folder, version: "2.13.0", flavour: "cu130" });
});

test("an archive without a label is a CPU one", (context) => {
  const folder = makeFolder(context, { "build-version": "2.13.0" });
  assert.deepEqual(readLibTorch(folder), { folder, version: "2.13.0", flavour: "cpu" });
});

test("a package's version.py gives version and flavour", (context) => {
  const folder = makeFolder(context, { "version.py": versionModule("2.13.0+cpu") });
  assert.deepEqual(readLibTorch(folder), { folder, version: "2.13.0", flavour: "cpu" });
});

test("a package without a label is a CUDA one when its version.py says so", (context) => {
  const folder = makeFolder(context, { "version.py": versionModule("2.13.0", "13.0") });
  assert.equal(readLibTorch(folder).flavour, "cu130");
});

test("a package compiled from a commit keeps its pre-release version", (context) => {
  const folder = makeFolder(context, { "version.py": versionModule("2.13.0a0+gitcf30153") });
  assert.deepEqual(readLibTorch(folder), { folder, version: "2.13.0a0", flavour: "cpu" });
});

test("a folder without the libraries of this platform says which one it lacks", (context) => {
  assert.throws(() => readLibTorch(temporaryFolder(context)), {
    message: `holds no lib/${libraryFile("torch_cpu")}`,
  });
  assert.throws(() => readLibTorch("/no/such/folder"), { message: "no such folder" });
});

test("a version or flavour that could lead out of the cache, whose folders are named by it, is refused", (context) => {
  const odd: Record<string, string>[] = [
    { "build-version": "2.13.0+../../elsewhere" },
    { "build-version": "../2.13.0" },
    { "version.py": versionModule("2.13.0+cpu", "/.../../elsewhere") },
  ];
  for (const files of odd)
    assert.throws(() => readLibTorch(makeFolder(context, files)), /names a version that is none/);
});
