import assert from "node:assert/strict";
import { cpSync, mkdirSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { libraryFile, libTorchVersion } from "../../lib/libtorch/index.ts";
import { versionModule } from "../libtorch/fake-wheel.ts";
import { serveWheel } from "../libtorch/wheel-server.ts";
import { programs, type RunOptions, runNode } from "./project.ts";
import { findWorkplace, note } from "./workplace.ts";

const workplace = findWorkplace();
const project = workplace.shared;
const cli = "node_modules/snorkel-torch/dist/cli.js";

/** What a failing run ends with. */
async function failing(script: string[], options: RunOptions = {}): Promise<string> {
  const { status, stderr } = await runNode(workplace, options.cwd ?? project, script, options);
  assert.equal(status, 1, stderr);
  return stderr;
}

function folder(name: string): string {
  const path = join(workplace.folder, "errors", name);
  mkdirSync(path, { recursive: true });
  return path;
}

/** A folder that says that it is a LibTorch. */
function putLibTorch(name: string, version: string): string {
  const path = folder(name);
  mkdirSync(join(path, "lib"));
  for (const library of ["c10", "torch_cpu"]) writeFileSync(join(path, "lib", libraryFile(library)), "");
  writeFileSync(join(path, "version.py"), versionModule(version));
  return path;
}

test("without LibTorch the error lists where it was looked for and ends with the command that gets it", async () => {
  const cache = folder("empty");
  const message = await failing([programs.esm], { env: { SNORKEL_TORCH_CACHE: cache } });
  assert.match(message, /^LibTorchLoadError: \[native\] expected a compiled addon and the LibTorch/m);
  assert.match(
    message,
    new RegExp(`the prebuilt addon: compiled against LibTorch ${libTorchVersion}, which is not`),
  );
  assert.match(message, /SNORKEL_TORCH_LIBTORCH: not set/);
  assert.ok(message.includes(`cache ${join(cache, `libtorch-${libTorchVersion}-cpu`)}: no such folder`));
  assert.match(message, /the active Python: neither .* runs/);
  assert.match(message, /^Run `npx snorkel-torch install`/m);
  note(workplace, { case: "error: no LibTorch" });
});

test("a LibTorch of another release is an error with both versions and the command that compiles for it", async () => {
  const message = await failing([programs.esm], {
    env: { SNORKEL_TORCH_LIBTORCH: putLibTorch("2.12.1", "2.12.1+cpu") },
  });
  assert.match(message, new RegExp(`compiled against LibTorch ${libTorchVersion}`));
  assert.match(message, new RegExp(`is LibTorch 2\\.12\\.1-cpu, not ${libTorchVersion}`));
  assert.match(message, /^Run `npx snorkel-torch build`, which compiles this package for it/m);
  note(workplace, { case: "error: LibTorch of another release" });
});

test("a LibTorch too old to compile for is an error that names the command that gets the right one", async () => {
  const message = await failing([programs.esm], {
    env: { SNORKEL_TORCH_LIBTORCH: putLibTorch("2.5.1", "2.5.1+cpu") },
  });
  assert.match(message, /unset it and run `npx snorkel-torch install`/);
  note(workplace, { case: "error: LibTorch too old" });
});

test("a LibTorch with a library that was cut off is an error, not a crash, and the command that gets it anew", async () => {
  const cache = folder("cut");
  const libTorch = join(cache, `libtorch-${libTorchVersion}-cpu`);
  cpSync(join(workplace.cache, `libtorch-${libTorchVersion}-cpu`), libTorch, {
    recursive: true,
    filter: (path) => !/(include|share|torchgen)$/.test(path),
  });
  truncateSync(join(libTorch, "torch", "lib", libraryFile("torch_cpu")), 1e6);
  const message = await failing([programs.esm], { env: { SNORKEL_TORCH_CACHE: cache } });
  if (process.platform === "linux")
    assert.match(message, /libtorch_cpu\.so: it is cut off, with 1000000 bytes of/);
  assert.match(message, /^Run `npx snorkel-torch install --force`/m);
  rmSync(cache, { recursive: true });
  note(workplace, { case: "error: LibTorch cut off on disk" });
});

test("a download that is cut off is an error, and leaves nothing that would be taken for LibTorch", async (context) => {
  const { indexUrl } = await serveWheel(context, { breakAfter: [1000, 0, 0, 0, 0, 0] });
  const cache = folder("download");
  const env = { SNORKEL_TORCH_CACHE: cache, SNORKEL_TORCH_INDEX_URL: indexUrl };
  const message = await failing([cli, "install"], { env });
  assert.match(message, /gave up after 5 tries/);
  assert.match(message, /npx snorkel-torch install --from-file FILE/);
  assert.match(await failing([programs.esm], { env }), /npx snorkel-torch install/);
  note(workplace, { case: "error: download cut off" });
});

test("a download that is not the file promised is an error", async (context) => {
  const { indexUrl } = await serveWheel(context, { sha256: "0".repeat(64) });
  const env = { SNORKEL_TORCH_CACHE: folder("checksum"), SNORKEL_TORCH_INDEX_URL: indexUrl };
  assert.match(await failing([cli, "install"], { env }), /SHA-256/);
  note(workplace, { case: "error: download with another checksum" });
});

test("CUDA asked for and absent is an error, never the CPU without a word", async () => {
  const message = await failing([programs.esm], { env: { DEVICE: "cuda" } });
  assert.match(
    message,
    /expected a device that is here for device, got "cuda" \(string\)\. LibTorch in .* is built for the CPU alone/,
  );
  assert.match(message, /`npx snorkel-torch install --cuda`/);
  note(workplace, { case: "error: CUDA asked for and absent" });
});

test("a platform without a prebuilt addon is told the command that compiles one", async () => {
  const bare = join(workplace.folder, "no-prebuild");
  cpSync(project, bare, { recursive: true, verbatimSymlinks: true });
  rmSync(join(bare, "node_modules", "snorkel-torch", "prebuilds"), { recursive: true });
  const message = await failing([programs.esm], { cwd: bare });
  assert.match(message, /the prebuilt addon: .*prebuilds has none for /);
  assert.match(message, /^Run `npx snorkel-torch build`/m);
  note(workplace, { case: "error: no prebuilt addon for the platform" });
});

test("compiling without its tools, or without its packages, is an error with the command that installs them", async () => {
  assert.match(await failing([cli, "build"]), /C\+\+ compiler.*Install it: /);
  const message = await failing([cli, "build"], { env: { PATH: process.env.PATH } });
  assert.match(
    message,
    /without cmake-js and node-addon-api\. Run `npm install --save-dev cmake-js node-addon-api`/,
  );
  note(workplace, { case: "error: nothing to compile with" });
});
