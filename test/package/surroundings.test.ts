import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, readdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { test } from "node:test";
import { install } from "./managers.ts";
import { makeProject, runNode, train } from "./project.ts";
import { bareBin, toolFile } from "./tools.ts";
import { findWorkplace, note } from "./workplace.ts";

const workplace = findWorkplace();
const isRoot = process.getuid?.() === 0;
const nobody = 65534;

test("the package trains where there is no compiler, only the prebuilt addon", async () => {
  assert.deepEqual(readdirSync(bareBin(workplace.tools)), ["node"]);
  assert.notEqual(spawnSync("c++", ["--version"], { env: { PATH: bareBin(workplace.tools) } }).status, 0);
  await train(workplace, workplace.shared, "esm");
  note(workplace, { case: "no compiler on PATH" });
});

test("the package trains from a folder that the user cannot write to", {
  skip: process.platform === "win32",
}, async () => {
  const project = join(workplace.folder, "read-only");
  cpSync(workplace.shared, project, { recursive: true, verbatimSymlinks: true });
  execFileSync("chmod", ["-R", "a+rX,a-w", project]);
  execFileSync("chmod", ["a+rx", workplace.folder]);
  try {
    if (isRoot) {
      const write =
        'try { fs.writeFileSync("node_modules/new", ""); } catch (error) { console.log(error.code); }';
      const { stdout } = await runNode(workplace, project, ["-e", write], { uid: nobody });
      assert.equal(stdout, "EACCES\n");
    }
    await train(workplace, project, "esm", isRoot ? { uid: nobody } : {});
    note(workplace, { case: isRoot ? "another user, read-only folder" : "read-only folder" });
  } finally {
    execFileSync("chmod", ["-R", "u+w", project]);
  }
});

test("the package trains in a path with spaces and letters that are not ASCII", async () => {
  const project = makeProject(workplace, join(workplace.folder, "Käse und Brot", "スノーケル"));
  await install(workplace, project, "npm");
  const cache = join(workplace.folder, "Käse und Brot", "кэш");
  execFileSync("cp", ["-a", "--link", workplace.cache, cache]);
  await train(workplace, project, "esm", { env: { SNORKEL_TORCH_CACHE: cache } });
  await train(workplace, project, "cjs", { env: { SNORKEL_TORCH_CACHE: cache } });
  note(workplace, { case: "a path with spaces and letters that are not ASCII" });
});

test("the package trains in a worker thread", async () => {
  const program = `
    import { Worker } from "node:worker_threads";
    new Worker(new URL("./train.mjs", import.meta.url));
  `;
  writeFileSync(join(workplace.shared, "worker.mjs"), program);
  const { stdout, stderr } = await runNode(workplace, workplace.shared, ["worker.mjs"]);
  assert.deepEqual([stdout, stderr], [workplace.trained, ""]);
  note(workplace, { case: "worker thread" });
});

for (const [format, file] of Object.entries({ esm: "bundle.mjs", cjs: "bundle.cjs" })) {
  test(`a program trains that esbuild has bundled as ${format}, with the package left out`, async () => {
    const esbuild = createRequire(toolFile(workplace.tools, "esbuild"))("esbuild");
    esbuild.buildSync({
      absWorkingDir: workplace.shared,
      entryPoints: ["train.mjs"],
      bundle: true,
      platform: "node",
      format,
      external: ["snorkel-torch"],
      outfile: file,
    });
    const { stdout, stderr } = await runNode(workplace, workplace.shared, [file]);
    assert.deepEqual([stdout, stderr], [workplace.trained, ""]);
    note(workplace, { case: "bundled by esbuild, the package external", modules: format });
  });
}

test("the package installs and trains without a network, once npm and the cache are warm", async () => {
  const project = makeProject(workplace, join(workplace.folder, "offline"));
  const nowhere = { SNORKEL_TORCH_INDEX_URL: "http://127.0.0.1:9/" };
  await install(workplace, project, "npm", ["--offline"]);
  const command = ["node_modules/snorkel-torch/dist/cli.js", "install"];
  const { status, stdout } = await runNode(workplace, project, command, { env: nowhere });
  assert.equal(status, 0);
  assert.match(stdout, /LibTorch 2\.\d+\.\d+ \(cpu\) is in /);
  await train(workplace, project, "esm", { env: nowhere });
  note(workplace, { case: "no network, warm caches" });
});
