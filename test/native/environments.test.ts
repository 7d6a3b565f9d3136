import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { describe, it } from "node:test";
import { Worker } from "node:worker_threads";
import { memory } from "../../lib/torch/memory.ts";
import { native } from "../../lib/torch/native.ts";

const root = new URL("../..", import.meta.url);
const torch = new URL("lib/torch/tensor.ts", root).href;
const creation = new URL("lib/torch/creation.ts", root).href;
const tsx = import.meta.resolve("tsx/esm/api");
/** A worker starts faster with what is built than with sources. */
const built = new URL("dist/torch/index.js", root).href;
const preamble = `
  const { tensor } = await import(${JSON.stringify(creation)});
  const { Tensor } = await import(${JSON.stringify(torch)});
  const { parentPort } = await import("node:worker_threads");
`;

/** Runs code in a worker that can import TypeScript; what it posted, in order. */
function runInWorker(source: string): {
  worker: Worker;
  ended: Promise<{ code: number; posted: unknown[] }>;
} {
  const register = `(await import(${JSON.stringify(tsx)})).register();`;
  const worker = new Worker(`(async () => { ${register} ${preamble} ${source} })();`, { eval: true });
  const posted: unknown[] = [];
  worker.on("message", (message) => posted.push(message));
  const ended = new Promise<{ code: number; posted: unknown[] }>((resolve, reject) => {
    worker.on("error", reject);
    worker.on("exit", (code) => resolve({ code, posted }));
  });
  return { worker, ended };
}

/** Runs code in a process of its own. */
function runProgram(source: string, options: string[] = []) {
  const command = [...options, "--input-type=module", "--eval", source];
  return spawnSync(process.execPath, command, { cwd: root, encoding: "utf8" });
}

const holding = `
  globalThis.held = Array.from({ length: 100 }, (_, i) => tensor([i, i + 1], { requiresGrad: true }));
  globalThis.graph = held[0].add(held[1]).exp();
  parentPort.postMessage(graph.sum().item() > 0);
`;

describe("Workers", () => {
  it("run tensors and end while they hold some, twenty after each other", async () => {
    const before = memory();
    for (let i = 0; i < 20; i++) {
      assert.deepEqual(await runInWorker(holding).ended, { code: 0, posted: [true] });
    }
    assert.deepEqual(memory(), before);
  });

  it("run four at a time", async () => {
    const all = await Promise.all([1, 2, 3, 4].map(() => runInWorker(holding).ended));
    for (const one of all) assert.deepEqual(one, { code: 0, posted: [true] });
  });

  it("can exit by process.exit", async () => {
    assert.equal((await runInWorker(`${holding}; process.exit(3);`).ended).code, 3);
  });

  it("can be ended in the middle of native calls, also of failing ones", async () => {
    const { worker, ended } = runInWorker(`
      parentPort.postMessage("started");
      for (;;) {
        try {
          tensor([1, 2]).add(tensor([1, 2])).index(5);
        } catch {}
      }
    `);
    await new Promise((resolve) => worker.once("message", resolve));
    await worker.terminate();
    assert.equal((await ended).code, 1);
  });

  it("can be ended at any moment of making tensors", () => {
    const program = `
      import { setTimeout as delay } from "node:timers/promises";
      import { Worker } from "node:worker_threads";
      const source = \`
        import(${JSON.stringify(built)}).then(({ tensor }) => {
          require("node:worker_threads").parentPort.postMessage("started");
          for (const x = tensor([1, 2]); ; ) x.detach().dispose();
        });\`;
      for (let i = 0; i < 30; i++) {
        const worker = new Worker(source, { eval: true, execArgv: [] });
        const ended = new Promise((resolve) => worker.once("exit", resolve));
        await new Promise((resolve) => worker.once("message", resolve));
        await delay(3 * Math.random());
        await worker.terminate();
        await ended;
      }`;
    const { status, signal, stderr } = runProgram(program);
    assert.deepEqual([status, signal, stderr], [0, null, ""]);
  });

  it("have gradients, generators of gradients and memory of their own", async () => {
    native.setGradEnabled(false);
    try {
      const { posted } = await runInWorker(`
        const { memory } = await import(${JSON.stringify(new URL("lib/torch/memory.ts", root).href)});
        const made = tensor([1], { requiresGrad: true }).add(1);
        parentPort.postMessage([made.requiresGrad, memory().tensors]);
      `).ended;
      assert.deepEqual(posted, [[true, 2]]);
    } finally {
      native.setGradEnabled(true);
    }
  });
});

describe("Processes", () => {
  const run = (source: string) => runProgram(preamble + source, ["--expose-gc", "--import", "tsx"]);

  it("can exit while tensors live", () => {
    const held = "globalThis.held = tensor([1], { requiresGrad: true }).exp();";
    for (const end of [
      "process.exit(7)",
      "process.exitCode = 7",
      "process.on('exit', () => held.sum().backward()); process.exit(7)",
    ]) {
      const { status, signal, stderr } = run(`${held} ${end};`);
      assert.deepEqual([status, signal, stderr], [7, null, ""]);
    }
  });

  it("can open the native code twice", () => {
    const { status, stderr } = run(`
      const { createRequire } = await import("node:module");
      const { native } = await import("./lib/torch/native.ts");
      const { findBinary } = await import("./lib/binary/index.ts");
      const { librariesToOpen, libraryFile } = await import("./lib/libtorch/index.ts");
      const { join } = await import("node:path");
      const { addon: path, folder, libTorch } = findBinary();
      const shim = join(folder, libraryFile("snorkel_torch_shim"));
      const made = tensor([1, 2]);
      const again = createRequire(import.meta.url)(path).open(librariesToOpen({ ...libTorch, flavour: "cpu" }), shim);
      const module = { exports: {} };
      process.dlopen(module, path);
      const third = module.exports.open([], shim);
      third.setTensorClass(Tensor);
      for (const api of [again, third]) {
        if (api.tensorShape(made)[0] !== 2 || api.tensorItem(api.tensorIndex(made, [1])) !== 2) process.exit(9);
        api.tensorDispose(tensor([1]));
      }
      made.dispose();
      gc();
    `);
    assert.deepEqual([status, stderr], [0, ""]);
  });

  it("say what is wrong with a path", () => {
    const { stdout } = run(`
      const { createRequire } = await import("node:module");
      const { join, resolve } = await import("node:path");
      const { open } = createRequire(import.meta.url)(
        join(resolve(process.env.SNORKEL_TORCH_BUILD_DIR ?? "build"), "Release", "snorkel_torch.node"),
      );
      for (const given of [[["/nowhere.so"], "x"], [[], "/nowhere.so"], [[], process.execPath], [], [[1], "x"], [null, null]]) {
        try {
          open(...given);
        } catch (error) {
          console.log(error.code, error.message.length > 10);
        }
      }
    `);
    const [library, shim, program, ...rest] = stdout.trim().split("\n");
    assert.deepEqual(
      [library, shim, program],
      ["ERR_LIBTORCH_LOAD true", "ERR_SHIM_LOAD true", "ERR_SHIM_LOAD true"],
    );
    assert.deepEqual(rest, Array(3).fill("ERR_INVALID_ARG_TYPE true"));
  });
});
