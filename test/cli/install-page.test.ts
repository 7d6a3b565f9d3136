import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { join, resolve } from "node:path";
import { after, test } from "node:test";
import { torch } from "../../lib/index.ts";
import { resolveLibTorch } from "../../lib/libtorch/index.ts";
import { TensorBoardWriter } from "../../lib/logging/tensorboard-writer.ts";
import { temporaryFolder } from "../libtorch/fake-wheel.ts";
import { serveWheel } from "../libtorch/wheel-server.ts";
import { bareEnvironment, runCli } from "./run-cli.ts";

const page = readFileSync(resolve(import.meta.dirname, "../../docs/install.md"), "utf8");
const shown = [...page.matchAll(/```sh\nnpx snorkel-torch ([^\n]+)\n```\n\n```text\n(.*?)```/gs)].map(
  ([, command = "", output = ""]) => ({ command, output }),
);

/** The files that the page looks into. */
async function makeFiles(folder: string): Promise<void> {
  const model = new torch.nn.Linear(4, 2);
  const optimizer = new torch.optim.Adam(model.parameters());
  model
    .forward(torch.ones([3, 4]))
    .sum()
    .backward();
  optimizer.step();
  const checkpoint = { epoch: 3, model: model.stateDict(), optimizer: optimizer.stateDict() };
  await torch.save(checkpoint, join(folder, "checkpoint.pt"));
  const writer = new TensorBoardWriter({ logDir: join(folder, "logs"), runName: "run" });
  writer.addScalar("model/all/train/loss", Math.LN2, 32);
  writer.addScalar("task/points/valid/f1", 0.5, 32);
  writer.addScalar("model/all/train/loss", 0.25, 64);
  writer.addScalar("task/points/valid/f1", 0.75, 64);
  await writer.flush();
  const run = join(folder, "logs", "run");
  renameSync(join(run, readdirSync(run)[0] ?? ""), join(run, "events.out.tfevents"));
}

/** Without what differs from machine to machine. */
function comparable(output: string): string {
  return output
    .replace(/^(. Addon +).*(?=, for)/m, "$1")
    .replace(/(glibc |macOS )?[\d.]*; .* GB$/m, "")
    .replace(/^(. CUDA +)not available: .*/m, "$1")
    .replace(/\d+ threads? on \d+ cores?( \(.*\))?/, "threads on cores")
    .replace(/(?<=^. Node +)\S+ Node-API \d+/m, "")
    .replace(/in [\d.]+ s, accuracy: circle [\d.]+, upper [\d.]+/, "")
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:]+Z/g, "")
    .replace(/, [\d.]+ (bytes|kB)$/m, "");
}

test("the outputs on the page of the installation are those of its commands", {
  skip: process.platform !== "linux" && "the page shows them for Linux",
}, async (context) => {
  assert.deepEqual(
    shown.map(({ command }) => command.split(" ", 1)[0]),
    ["doctor", "install", "doctor", "info", "info"],
  );
  const home = temporaryFolder(context);
  const cache = join(home, ".cache", "snorkel-torch");
  await makeFiles(home);
  const { indexUrl } = await serveWheel(context);
  const { HOME: _, SNORKEL_TORCH_CACHE: __, ...bare } = bareEnvironment("");
  const env = { ...bare, HOME: home, SNORKEL_TORCH_INDEX_URL: indexUrl };
  for (const { command, output } of shown) {
    const { stdout } = await runCli(command.split(" "), { env, cwd: home });
    assert.equal(comparable(stdout.replaceAll(home, "/home/you")), comparable(output), command);
    if (command !== "install") continue;
    // What the test's server has is no LibTorch to train with.
    const installed = join(cache, "libtorch-2.13.0-cpu");
    rmSync(installed, { recursive: true });
    mkdirSync(installed);
    symlinkSync(resolveLibTorch().folder, join(installed, "torch"));
  }
});

after(() => assert.ok(shown.length > 0));
