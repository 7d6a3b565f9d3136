import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { devNull } from "node:os";
import { join, resolve } from "node:path";
import { type TestContext, test } from "node:test";
import { findBinary } from "../../lib/binary/index.ts";
import { fetchLibTorch, libraryFile } from "../../lib/libtorch/index.ts";
import { temporaryFolder, versionModule, wheelContents, writeZip } from "../libtorch/fake-wheel.ts";
import { serveWheel } from "../libtorch/wheel-server.ts";
import { changedLibTorch } from "./changed-libtorch.ts";
import { bareEnvironment, runCli } from "./run-cli.ts";

const root = resolve(import.meta.dirname, "../..");
const tsx = import.meta.resolve("tsx");
const page = readFileSync(join(root, "docs/errors.md"), "utf8");
const shown = new Map(
  [...page.matchAll(/^## ([^\n]+)\n\n```text\n(.*?)```$/gms)].map(([, heading = "", text = ""]) => [
    heading,
    text,
  ]),
);

// pip has nothing to offer.
Object.assign(process.env, { PIP_CONFIG_FILE: devNull, PIP_NO_INDEX: "1" });
for (const name of ["PIP_FIND_LINKS", "PIP_EXTRA_INDEX_URL"]) delete process.env[name];

/** The error of a program that imports the package. */
function programError(env: NodeJS.ProcessEnv, source = "", node: string[] = []): string {
  const program = `
    import("./lib/index.ts")
      .then(({ torch }) => { ${source} })
      .catch((error) => { process.stdout.write(error.message); process.exit(7); });`;
  const run = spawnSync(process.execPath, [...node, "--import", tsx, "-e", program], {
    cwd: root,
    env,
    encoding: "utf8",
  });
  assert.equal(run.status, 7, run.stderr);
  return run.stdout;
}

async function cliError(
  cliArguments: string[],
  env: NodeJS.ProcessEnv,
  node: string[] = [],
  uid?: number,
): Promise<string> {
  const { status, stderr } = await runCli(cliArguments, { env, node, uid });
  assert.equal(status, 1, stderr);
  return stderr;
}

function preload(source: string): string[] {
  return ["--import", `data:text/javascript,${encodeURIComponent(source)}`];
}

/** What provokes the error under each heading of the page, and gives its message. */
const provocations: Record<string, (context: TestContext) => string | Promise<string>> = {
  "There is no LibTorch": (context) => programError(bareEnvironment(temporaryFolder(context))),

  "LibTorch is of another version": (context) => {
    const folder = temporaryFolder(context);
    mkdirSync(join(folder, "lib"));
    writeFileSync(join(folder, "lib", libraryFile("torch_cpu")), "");
    writeFileSync(join(folder, "version.py"), versionModule("2.12.1+cpu"));
    return programError(bareEnvironment(temporaryFolder(context), { SNORKEL_TORCH_LIBTORCH: folder }));
  },

  "A library of LibTorch does not open": (context) => {
    const cache = temporaryFolder(context);
    changedLibTorch(join(cache, "libtorch-2.13.0-cpu"), { [`lib/${libraryFile("torch_cpu")}`]: "cut off" });
    return programError(bareEnvironment(cache));
  },

  "The build for CUDA lacks libraries of CUDA": (context) => {
    const cache = temporaryFolder(context);
    changedLibTorch(join(cache, "libtorch-2.13.0-cu130"), {
      "version.py": versionModule("2.13.0+cu130", "13.0"),
    });
    return programError(bareEnvironment(cache), `torch.zeros([1]).to("cuda");`);
  },

  "CUDA was asked for, and LibTorch is built for the CPU": (context) => {
    const cache = temporaryFolder(context);
    changedLibTorch(join(cache, "libtorch-2.13.0-cpu"), {});
    return programError(bareEnvironment(cache), `torch.zeros([1]).to("cuda");`);
  },

  "CUDA was asked for on macOS": (context) =>
    cliError(
      ["install", "--cuda"],
      bareEnvironment(temporaryFolder(context)),
      preload(`Object.defineProperty(process, "platform", { value: "darwin" });`),
    ),

  "There is no addon for the platform": (context) => {
    const folder = temporaryFolder(context);
    const find = () => findBinary({ root: folder, environment: bareEnvironment(join(folder, "cache")) });
    return messageOf(find);
  },

  "The C library is musl": (context) =>
    programError(
      bareEnvironment(temporaryFolder(context)),
      "",
      preload("process.report.getReport = () => ({ header: {} });"),
    ),

  "Node is too old": () =>
    cliError(
      ["doctor"],
      process.env,
      preload(`Object.defineProperty(process.versions, "node", { value: "18.20.0" });`),
    ),

  "The cache cannot be written": (context) => {
    const folder = temporaryFolder(context);
    chmodSync(folder, 0o555);
    // The superuser may write everywhere.
    const uid = process.getuid?.() === 0 ? 65534 : undefined;
    return cliError(["install"], bareEnvironment(join(folder, "cache")), [], uid);
  },

  "The disk is full": async (context) => {
    const { indexUrl } = await serveWheel(context);
    const full = `
      import fs from "node:fs/promises";
      import { syncBuiltinESMExports } from "node:module";
      fs.statfs = async () => ({ bavail: 0, bsize: 4096 });
      syncBuiltinESMExports();`;
    const env = bareEnvironment(temporaryFolder(context), { SNORKEL_TORCH_INDEX_URL: indexUrl });
    return cliError(["install"], env, preload(full));
  },

  "No source serves LibTorch": (context) =>
    cliError(
      ["install"],
      bareEnvironment(temporaryFolder(context), { SNORKEL_TORCH_INDEX_URL: "http://127.0.0.1:1/" }),
    ),

  "A download breaks off": async (context) => {
    const { indexUrl } = await serveWheel(context, { breakAfter: [100, 0, 0] });
    const progress = { say() {}, start() {}, update() {}, stop() {} };
    const cache = temporaryFolder(context);
    return messageOf(() => fetchLibTorch({ cache, indexUrl, progress, tries: 2, retryDelay: 1 }));
  },

  "A file has another checksum": async (context) => {
    const { indexUrl } = await serveWheel(context, { sha256: "0".repeat(64) });
    return cliError(
      ["install"],
      bareEnvironment(temporaryFolder(context), { SNORKEL_TORCH_INDEX_URL: indexUrl }),
    );
  },

  "A file on disk is not whole": async (context) => {
    const file = join(temporaryFolder(context), "torch.whl");
    await writeZip(file, wheelContents());
    writeFileSync(file, readFileSync(file).subarray(0, 5000));
    return cliError(["install", "--from-file", file], bareEnvironment(temporaryFolder(context)));
  },

  "A file on disk is another": async (context) => {
    const file = join(temporaryFolder(context), "torch.whl");
    await writeZip(file, { ...wheelContents(), "torch/version.py": versionModule("2.12.1+cpu") });
    return cliError(["install", "--from-file", file], bareEnvironment(temporaryFolder(context)));
  },
};

async function messageOf(run: () => unknown): Promise<string> {
  try {
    await run();
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  throw new Error("nothing was thrown");
}

/** A pattern in which "…" stands for anything, also several lines. */
function patternOf(text: string): RegExp {
  const parts = text
    .trim()
    .split("…")
    .map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&"));
  return new RegExp(`^${parts.join(".*?")}$`, "s");
}

test("each error of the page is provoked, and each that is provoked is on the page", () => {
  assert.deepEqual(Object.keys(provocations), [...shown.keys()]);
});

for (const [heading, provoke] of Object.entries(provocations)) {
  test(`the error under "${heading}" is the one of the code`, {
    skip: process.platform !== "linux" && "the page shows them for Linux",
  }, async (context) => {
    const message = await provoke(context);
    // What was told about the progress comes before the error.
    const error = message.slice(message.search(/^\[/m)).trim();
    assert.match(error, patternOf(shown.get(heading) ?? ""));
  });
}
