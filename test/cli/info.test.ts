import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import {
  DictDataLoader,
  DictDataset,
  MultitaskClassifier,
  Operation,
  Task,
  Trainer,
  torch,
} from "../../lib/index.ts";
import { versionEvent } from "../../lib/logging/event.ts";
import { toRecord } from "../../lib/logging/tf-record.ts";
import { temporaryFolder } from "../libtorch/fake-wheel.ts";
import { goldenPath } from "../torch/pt-files.ts";
import { bareEnvironment, runCli } from "./run-cli.ts";

/** Runs `info` where there is no LibTorch. */
async function info(folder: string, ...given: string[]) {
  return runCli(["info", ...given], { env: bareEnvironment(join(folder, "no-cache")), cwd: folder });
}

test("info prints the tensors of a file as a table, without LibTorch", async (context) => {
  const folder = temporaryFolder(context);
  const tensors = { weight: torch.zeros([1000, 3]), bias: torch.zeros([3]).to("bfloat16") };
  await torch.saveSafetensors(join(folder, "model.safetensors"), tensors, { format: "pt" });
  assert.deepEqual(await info(folder, "model.safetensors"), {
    status: 0,
    stderr: "",
    stdout: [
      "model.safetensors: safetensors, 12.2 kB",
      "",
      "metadata  value",
      "format    pt",
      "",
      "tensor  dtype     shape         size",
      "weight  float32   [1000, 3]  12.0 kB",
      "bias    bfloat16  [3]        6 bytes",
      "",
      "2 tensors, 3,003 elements, 12.0 kB",
      "",
    ].join("\n"),
  });
});

test("info --json prints what programs read; what JSON lacks as texts", async (context) => {
  const folder = temporaryFolder(context);
  await torch.save({ big: 2n ** 60n, loss: Number.NaN, weight: torch.ones([2]) }, join(folder, "a.pt"));
  const { status, stdout } = await info(folder, "a.pt", "--json");
  assert.equal(status, 0);
  const { format, values, tensors } = JSON.parse(stdout);
  assert.equal(format, "torch.save");
  assert.deepEqual(values, [
    { name: "big", value: "1152921504606846976" },
    { name: "loss", value: "NaN" },
  ]);
  const [{ name, dtype, shape, bytes, device }] = tensors;
  assert.deepEqual([name, dtype, shape, bytes, device], ["weight", "float32", [2], 8, "cpu"]);
});

test("info says what a training has left: its state, its checkpoints, its events", async (context) => {
  const folder = temporaryFolder(context);
  const xDict = { x: torch.rand([64, 2]) };
  const yDict = { side: xDict.x.select(1, 0).gt(0.5).to("int64") };
  const loader = new DictDataLoader(new DictDataset({ name: "points", split: "train", xDict, yDict }), {
    batchSize: 16,
  });
  const head = new torch.nn.Linear(2, 2);
  const opSequence = [new Operation({ moduleName: "head", inputs: [["_input_", "x"]] })];
  const model = new MultitaskClassifier([new Task({ name: "side", modulePool: { head }, opSequence })]);
  const trainer = new Trainer({
    nEpochs: 2,
    progressBar: false,
    logging: true,
    logWriter: "tensorboard",
    logWriterConfig: { logDir: folder, runName: "run" },
    checkpointing: true,
    checkpointerConfig: { checkpointDir: folder, checkpointClear: false },
  });
  await trainer.fit(model, [loader]);

  const state = await info(folder, "trainer_state.safetensors");
  assert.match(
    state.stdout,
    /^training "Trainer": 2 of 2 epochs done, and 0 batches of the next \(8 in all\); optimizer adam, lr 0\.01, seed null$/m,
  );
  assert.match(state.stdout, /^side\/points\/train\/loss +0\.\d+$/m);
  assert.match(state.stdout, /^optimizer\/0\/exp_avg +float32 +\[2, 2\] +16 bytes$/m);
  assert.doesNotMatch(state.stdout, /snorkel_torch_trainer/);
  const { training } = JSON.parse((await info(folder, "trainer_state.safetensors", "--json")).stdout);
  assert.deepEqual([training.nEpochs, training.batches, training.config.optimizer], [2, 8, "adam"]);

  const checkpoint = await info(folder, "checkpoint_1.0.safetensors");
  assert.match(checkpoint.stdout, /^module_pool\.head\.weight +float32 +\[2, 2\] +16 bytes$/m);

  const events = readdirSync(join(folder, "run")).find((name) => name.startsWith("events")) ?? "";
  const { stdout } = await info(folder, join("run", events));
  assert.match(stdout, /^\d+ events by snorkel-torch, from \S+Z to \S+Z$/m);
  assert.match(stdout, /^model\/all\/train\/lr +scalars +2 +64 to 128 +0\.01 +0\.01$/m);
  assert.match(stdout, /^config\/text_summary +text +1 +0 to 0 +"```json/m);
});

test("info says which tensors share memory, and what a program of TorchScript is for", async (context) => {
  const folder = temporaryFolder(context);
  const shared = torch.zeros([4, 4]);
  await torch.save({ all: shared, row: shared.select(0, 1) }, join(folder, "shared.pt"));
  assert.match(
    (await info(folder, "shared.pt")).stdout,
    /^Tensors share memory: all are in 1 storage of 64 bytes\.$/m,
  );
  assert.match(
    (await info(folder, goldenPath("refused_script.pt"))).stdout,
    /^A program for torch\.jit\.load;/m,
  );
});

test("info prints names on one line, of bounded length, whatever is in them", async (context) => {
  const folder = temporaryFolder(context);
  const odd = "\u001b[2Jodd\nrow\u009b2J";
  const tensors = { [odd]: torch.zeros([1]), ["long".repeat(1000)]: torch.zeros([1]) };
  await torch.saveSafetensors(join(folder, "odd.safetensors"), tensors);
  const { stdout } = await info(folder, "odd.safetensors");
  assert.match(stdout, /^\\u001b\[2Jodd\\nrow\\u009b2J +float32/m);
  assert.ok(stdout.split("\n").every((line) => line.length < 300));
  assert.match(stdout, /^(long){50}\.\.\. +float32/m);
  await torch.save(
    Array.from({ length: 1000 }, () => "text".repeat(1000)),
    join(folder, "texts.pt"),
  );
  assert.match((await info(folder, "texts.pt")).stdout, /^\(the whole\) +\["text[^\n]{0,80}\.\.\.$/m);
});

test("info of an event at no time says its seconds", async (context) => {
  const folder = temporaryFolder(context);
  writeFileSync(join(folder, "odd.tfevents"), toRecord(versionEvent(Number.NaN)));
  assert.match(
    (await info(folder, "odd.tfevents")).stdout,
    /^1 event by snorkel-torch, from NaN s to NaN s$/m,
  );
});

test("info of a pipe does not wait for somebody who writes", {
  skip: process.platform === "win32",
}, async (context) => {
  const folder = temporaryFolder(context);
  execFileSync("mkfifo", [join(folder, "pipe")]);
  const { status, stderr } = await info(folder, "pipe");
  assert.equal(status, 1);
  assert.match(stderr, /expected to read the file, got a pipe/);
});

test("info executes nothing: what is no tensor or plain value is named, and ends with 1", async (context) => {
  const { status, stdout, stderr } = await info(temporaryFolder(context), goldenPath("refused_class.pt"));
  assert.deepEqual([status, stdout], [1, ""]);
  assert.match(
    stderr,
    /^\[info \S+\] expected a class of plain values and tensors for byte \d+ of data\.pkl, got "\S+"/,
  );
});

test("info of a file that is not there ends with 1", async (context) => {
  const { status, stderr } = await info(temporaryFolder(context), "none.pt");
  assert.equal(status, 1);
  assert.match(stderr, /^\[info none\.pt\] expected to read the file, got ENOENT/);
});
