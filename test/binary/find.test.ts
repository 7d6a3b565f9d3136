import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type TestContext, test } from "node:test";
import { findBinary, packageVersion } from "../../lib/binary/index.ts";
import { LibTorchLoadError, libraryFile } from "../../lib/libtorch/index.ts";
import { temporaryFolder, versionModule } from "../libtorch/fake-wheel.ts";

const prebuild = join(
  "prebuilds",
  `${process.platform}-${process.arch}`,
  `snorkel-torch${process.platform === "linux" ? ".glibc" : ""}.node`,
);

/** Writes an addon and the note of the LibTorch that it was compiled against. */
function putAddon(path: string, libTorch: string): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, "");
  writeFileSync(join(dirname(path), "libtorch-version"), `${libTorch}\n`);
  return path;
}

function putLibTorch(folder: string, version: string, cuda?: string): string {
  mkdirSync(join(folder, "lib"), { recursive: true });
  writeFileSync(join(folder, "lib", libraryFile("torch_cpu")), "");
  writeFileSync(join(folder, "version.py"), versionModule(version, cuda));
  return folder;
}

/** A package with nothing compiled, and a cache with LibTorch 2.13.0 for the CPU. */
function place(context: TestContext) {
  const [root, cache] = [temporaryFolder(context), temporaryFolder(context)];
  writeFileSync(join(root, "package.json"), JSON.stringify({ name: "snorkel-torch" }));
  putLibTorch(join(cache, "libtorch-2.13.0-cpu"), "2.13.0+cpu");
  const environment: NodeJS.ProcessEnv = { PATH: "", SNORKEL_TORCH_CACHE: cache };
  const find = (more: NodeJS.ProcessEnv = {}) =>
    findBinary({ root, environment: { ...environment, ...more } });
  const compiled = (flavour: string, version = packageVersion) =>
    join(cache, `build-${version}-libtorch-${flavour}`, "snorkel_torch.node");
  return { root, cache, find, compiled };
}

function failureOf(find: () => unknown): LibTorchLoadError {
  try {
    find();
  } catch (error) {
    if (error instanceof LibTorchLoadError) return error;
    throw error;
  }
  throw new Error("expected an error, got none");
}

test("the addon of a named folder comes first, then a checkout's, then one compiled by the user, then the prebuilt one", (context) => {
  const { root, find, compiled } = place(context);
  const prebuilt = putAddon(join(root, prebuild), "2.13.0");
  assert.equal(find().addon, prebuilt);
  const users = putAddon(compiled("2.13.0-cpu"), "2.13.0");
  assert.equal(find().addon, users);
  const checkout = putAddon(join(root, "build", "Release", "snorkel_torch.node"), "2.13.0");
  assert.equal(find().addon, checkout);
  const named = putAddon(join(root, "build-other", "Release", "snorkel_torch.node"), "2.13.0");
  assert.equal(find({ SNORKEL_TORCH_BUILD_DIR: "build-other" }).addon, named);
  assert.equal(find({ SNORKEL_TORCH_BUILD_DIR: join(root, "build-other") }).folder, dirname(named));
});

test("an addon is passed over that no LibTorch is there for", (context) => {
  const { root, cache, find, compiled } = place(context);
  putAddon(compiled("2.14.0-cpu"), "2.14.0");
  putAddon(compiled("2.13.0-cu130"), "2.13.0");
  putAddon(compiled("2.13.0-cpu", "0.0.1"), "2.13.0");
  const prebuilt = putAddon(join(root, prebuild), "2.13.0");
  assert.equal(find().addon, prebuilt);
  const other = putLibTorch(join(cache, "elsewhere"), "2.14.0+cpu");
  const found = find({ SNORKEL_TORCH_LIBTORCH: other });
  assert.equal(found.addon, compiled("2.14.0-cpu"));
  assert.deepEqual(found.libTorch, { folder: other, version: "2.14.0", flavour: "cpu" });
  putLibTorch(join(cache, "libtorch-2.13.0-cu130"), "2.13.0+cu130", "13.0");
  assert.equal(find().addon, compiled("2.13.0-cu130"));
});

test("the prebuilt addon serves with a LibTorch for CUDA of its release", (context) => {
  const { root, cache, find } = place(context);
  const prebuilt = putAddon(join(root, prebuild), "2.13.0");
  putLibTorch(join(cache, "libtorch-2.13.0-cu130"), "2.13.0+cu130", "13.0");
  const { addon, libTorch } = find();
  assert.deepEqual([addon, libTorch.flavour], [prebuilt, "cu130"]);
});

test("where there is no addon, every place is listed with the command that compiles one", (context) => {
  const { root, cache, find } = place(context);
  const { message, attempts, remedy } = failureOf(find);
  assert.deepEqual(attempts, [
    { where: "SNORKEL_TORCH_BUILD_DIR", reason: "not set" },
    {
      where: "the build of a checkout",
      reason: `${join(root, "build", "Release", "snorkel_torch.node")}: no such file`,
    },
    { where: `cache ${cache}`, reason: `no addon compiled for ${packageVersion}` },
    {
      where: "the prebuilt addon",
      reason: `${join(root, "prebuilds")} has none for ${process.platform}-${process.arch}`,
    },
  ]);
  assert.match(remedy, /^Run `npx snorkel-torch build`/);
  assert.ok(message.endsWith(remedy));
  assert.match(
    failureOf(() => find({ SNORKEL_TORCH_BUILD_DIR: "none" })).remedy,
    /^Correct SNORKEL_TORCH_BUILD_DIR/,
  );
});

test("in a checkout the command is that of a checkout", (context) => {
  const { root, find } = place(context);
  mkdirSync(join(root, "scripts"));
  writeFileSync(join(root, "scripts", "build.mjs"), "");
  assert.match(failureOf(find).remedy, /^Run `npm run build:all` in this checkout/);
  assert.match(
    failureOf(() => find({ SNORKEL_TORCH_BUILD_DIR: "build-none" })).remedy,
    /^Run `npm run build:all -- --build-dir build-none`/,
  );
});

test("an addon without LibTorch is told from one with another release of it", (context) => {
  const { root, cache, find } = place(context);
  putAddon(join(root, prebuild), "2.14.0");
  const missing = failureOf(find);
  assert.match(missing.message, /the prebuilt addon: compiled against LibTorch 2\.14\.0, which is not found/);
  assert.match(missing.message, /cache .*libtorch-2\.14\.0-cpu: no such folder/);
  assert.match(missing.remedy, /^Run `npx snorkel-torch install`/);
  const named = join(cache, "libtorch-2.13.0-cpu");
  const other = failureOf(() => find({ SNORKEL_TORCH_LIBTORCH: named }));
  assert.match(other.message, /is LibTorch 2\.13\.0-cpu, not 2\.14\.0/);
  assert.match(other.remedy, /^Run `npx snorkel-torch build`, which compiles this package for it/);
});

test("an addon that does not say what it was compiled against is none", (context) => {
  const { root, find } = place(context);
  mkdirSync(join(root, "build", "Release"), { recursive: true });
  writeFileSync(join(root, "build", "Release", "snorkel_torch.node"), "");
  assert.match(failureOf(find).message, /the build of a checkout: .*libtorch-version: no such file/);
});
