import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { Worker } from "node:worker_threads";
import { findBinary } from "../../lib/binary/index.ts";
import { libraryFile } from "../../lib/libtorch/index.ts";
import { temporaryFolder, versionModule } from "../libtorch/fake-wheel.ts";

const nativeModule = new URL("../../lib/torch/native.ts", import.meta.url).href;

/** Imports the native code in a process of its own and returns how the error that it meets begins. */
function importFailing(environment: NodeJS.ProcessEnv): string {
  const code = `import(${JSON.stringify(nativeModule)}).then(
    () => console.log("loaded"),
    (error) => console.log(error.name + ": " + error.message),
  )`;
  const { stdout, stderr } = spawnSync(process.execPath, ["--import", "tsx", "--eval", code], {
    env: { ...process.env, ...environment },
    encoding: "utf8",
  });
  assert.equal(stderr, "");
  return stdout;
}

test("the native code loads in the main thread and in two workers at once", async () => {
  const { native } = await import("../../lib/torch/native.ts");
  assert.equal(typeof native, "object");
  const code = `import("tsx/esm/api").then(({ tsImport }) => tsImport(${JSON.stringify(nativeModule)}, ${JSON.stringify(import.meta.url)}))
    .then(({ native }) => require("node:worker_threads").parentPort.postMessage(typeof native))`;
  const load = () =>
    new Promise((resolve, reject) => {
      const worker = new Worker(code, { eval: true });
      worker.once("message", (type) => worker.terminate().then(() => resolve(type)));
      worker.once("error", reject);
    });
  assert.deepEqual(await Promise.all([load(), load()]), ["object", "object"]);
});

test("a package that is not built says which file it lacks and the command that builds it", () => {
  const message = importFailing({ SNORKEL_TORCH_BUILD_DIR: "/no/such/build" });
  assert.match(message, /^LibTorchLoadError: .*\n.*snorkel_torch\.node: no such file\n.*npm run build:all/);
});

test("a machine without LibTorch is told the command that installs it", (context) => {
  const message = importFailing({
    SNORKEL_TORCH_LIBTORCH: "",
    SNORKEL_TORCH_CACHE: temporaryFolder(context),
    PATH: "",
  });
  assert.match(
    message,
    /^LibTorchLoadError: .*\n(.*\n)*.*not set\n.*no such folder\n.*neither .*\n(.*\n)*.*npx snorkel-torch install/,
  );
});

test("a LibTorch that does not load is an error with the loader's own words", (context) => {
  const folder = temporaryFolder(context);
  mkdirSync(join(folder, "lib"));
  for (const name of ["c10", "torch_cpu"])
    writeFileSync(join(folder, "lib", libraryFile(name)), "not a library");
  writeFileSync(join(folder, "version.py"), versionModule(`${findBinary().libTorch.version}+cpu`));
  const message = importFailing({ SNORKEL_TORCH_LIBTORCH: folder });
  assert.match(message, /^LibTorchLoadError: /);
  assert.ok(message.includes(join(folder, "lib", libraryFile("c10"))));
  assert.match(message, /^Run `unset SNORKEL_TORCH_LIBTORCH; npx snorkel-torch install`/m);
});
