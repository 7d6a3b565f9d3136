import assert from "node:assert/strict";
import { execFile, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { fetchLibTorch, LibTorchFetchError, ownPartial, readLibTorch } from "../../lib/libtorch/index.ts";
import { temporaryFolder, wheelContents, writeZip } from "./fake-wheel.ts";
import { serve, serveWheel } from "./wheel-server.ts";

// pip sees the wheels that a test offers, and no index.
process.env.PIP_CONFIG_FILE = process.platform === "win32" ? "nul" : "/dev/null";
process.env.PIP_NO_INDEX = "1";
delete process.env.PIP_EXTRA_INDEX_URL;

function offerToPip(folder: string): void {
  process.env.PIP_FIND_LINKS = folder;
}

const lines: string[] = [];
const progress = { say: (line: string) => void lines.push(line), start() {}, update() {}, stop() {} };
const quick = { progress, retryDelay: 1, tries: 2 };

/** The name of what a process of this machine has left that is gone. */
function abandoned(cache: string, name: string): string {
  const gone = spawnSync(process.execPath, ["--version"]).pid;
  return ownPartial(cache, name).replace(`.${process.pid}.`, `.${gone}.`);
}

test("a wheel from the index is unpacked into the cache, and not fetched twice", async (context) => {
  const cache = temporaryFolder(context);
  const { indexUrl, ranges } = await serveWheel(context);
  const fetched = await fetchLibTorch({ ...quick, cache, indexUrl });
  assert.deepEqual(fetched, {
    folder: join(cache, "libtorch-2.13.0-cpu", "torch"),
    version: "2.13.0",
    flavour: "cpu",
  });
  assert.deepEqual(await fetchLibTorch({ ...quick, cache, indexUrl }), fetched);
  assert.deepEqual(ranges, [undefined]);
  assert.deepEqual(readdirSync(cache), ["libtorch-2.13.0-cpu"]);
});

test("a download that breaks off goes on where it ended, as often as something arrives", async (context) => {
  const cache = temporaryFolder(context);
  const { indexUrl, ranges } = await serveWheel(context, { breakAfter: [3000, 1000, 1000] });
  await fetchLibTorch({ ...quick, cache, indexUrl });
  assert.deepEqual(ranges, [undefined, "bytes=3000-", "bytes=4000-", "bytes=5000-"]);
});

test("a download is given up after tries that bring nothing", async (context) => {
  offerToPip(temporaryFolder(context));
  const cache = temporaryFolder(context);
  const { indexUrl, ranges } = await serveWheel(context, { breakAfter: [3000, 0, 0] });
  await assert.rejects(
    fetchLibTorch({ ...quick, cache, indexUrl }),
    /gave up after 2 tries that brought nothing: /,
  );
  assert.deepEqual(ranges, [undefined, "bytes=3000-", "bytes=3000-"]);
});

test("a download goes on where an interrupted process ended", async (context) => {
  const cache = temporaryFolder(context);
  const { indexUrl, ranges, bytes } = await serveWheel(context);
  writeFileSync(abandoned(cache, "wheel-2.13.0"), bytes.subarray(0, 4000));
  mkdirSync(abandoned(cache, "fetch"));
  await fetchLibTorch({ ...quick, cache, indexUrl });
  assert.deepEqual(ranges, ["bytes=4000-"]);
  assert.deepEqual(readdirSync(cache), ["libtorch-2.13.0-cpu"]);
});

test("what an interrupted process left of another file is fetched anew", async (context) => {
  const cache = temporaryFolder(context);
  const { indexUrl, ranges } = await serveWheel(context);
  writeFileSync(abandoned(cache, "wheel-2.13.0"), "something else");
  await fetchLibTorch({ ...quick, cache, indexUrl });
  assert.deepEqual(ranges, ["bytes=14-", undefined]);
});

test("what another machine works on in a shared cache is left alone, unless it has not for a day", async (context) => {
  const cache = temporaryFolder(context);
  const { indexUrl, ranges } = await serveWheel(context);
  const theirs = (name: string) =>
    abandoned(cache, name).replace(/\.[\w-]+(\.\d+\.\w+\.part)$/, ".elsewhere$1");
  const [working, forgotten] = [theirs("wheel-2.13.0"), theirs("fetch")];
  writeFileSync(working, "half of it");
  mkdirSync(forgotten);
  const twoDaysAgo = Date.now() / 1000 - 2 * 24 * 60 * 60;
  utimesSync(forgotten, twoDaysAgo, twoDaysAgo);
  await fetchLibTorch({ ...quick, cache, indexUrl });
  assert.deepEqual(ranges, [undefined]);
  assert.equal(readFileSync(working, "utf8"), "half of it");
  assert.ok(!existsSync(forgotten));
});

test("a wrong checksum is an error, and nothing of the file stays", async (context) => {
  const cache = temporaryFolder(context);
  const { indexUrl } = await serveWheel(context, { sha256: "0".repeat(64) });
  await assert.rejects(fetchLibTorch({ ...quick, cache, indexUrl }), {
    name: "ChecksumError",
    message: /SHA-256 0{64}/,
  });
  assert.deepEqual(readdirSync(cache), []);
});

test("a CUDA build is refused by name, and nothing of it stays", async (context) => {
  const cache = temporaryFolder(context);
  const { indexUrl } = await serveWheel(context, { contents: wheelContents("", "13.0") });
  await assert.rejects(fetchLibTorch({ ...quick, cache, indexUrl }), /for cpu in .*, got 2\.13\.0 for cu130/);
  assert.deepEqual(readdirSync(cache), []);
});

test("a cached folder that is broken is replaced", async (context) => {
  const cache = temporaryFolder(context);
  const { indexUrl } = await serveWheel(context);
  mkdirSync(join(cache, "libtorch-2.13.0-cpu", "torch", "lib"), { recursive: true });
  await fetchLibTorch({ ...quick, cache, indexUrl });
  assert.equal(readLibTorch(join(cache, "libtorch-2.13.0-cpu")).version, "2.13.0");
  assert.deepEqual(readdirSync(cache), ["libtorch-2.13.0-cpu"]);
});

test("where the index cannot be reached, pip is asked", async (context) => {
  const cache = temporaryFolder(context);
  const links = temporaryFolder(context);
  await writeZip(join(links, "torch-2.13.0+cpu-py3-none-any.whl"), wheelContents());
  offerToPip(links);
  const fetched = await fetchLibTorch({ ...quick, cache, indexUrl: "http://127.0.0.1:1/whl/cpu/torch/" });
  assert.equal(fetched.flavour, "cpu");
  assert.ok(lines.some((line) => line.includes("asking pip")));
});

test("an index that does not answer in time is given up", async (context) => {
  const cache = temporaryFolder(context);
  const links = temporaryFolder(context);
  await writeZip(join(links, "torch-2.13.0+cpu-py3-none-any.whl"), wheelContents());
  offerToPip(links);
  const indexUrl = await serve(context, () => {});
  assert.equal((await fetchLibTorch({ ...quick, cache, indexUrl, answerTimeout: 100 })).flavour, "cpu");
});

test("a CUDA build that pip brings is refused", async (context) => {
  const cache = temporaryFolder(context);
  const links = temporaryFolder(context);
  await writeZip(join(links, "torch-2.13.0+cpu-py3-none-any.whl"), wheelContents("+cpu", "13.0"));
  offerToPip(links);
  const fetching = fetchLibTorch({ ...quick, cache, indexUrl: "http://127.0.0.1:1/" });
  await assert.rejects(fetching, /expected LibTorch 2\.13\.0 for cpu in torch-.*, got 2\.13\.0 for cu130/);
});

test("where no source serves, the error lists each with its reason", async (context) => {
  offerToPip(temporaryFolder(context));
  const cache = temporaryFolder(context);
  await assert.rejects(fetchLibTorch({ ...quick, cache, indexUrl: "http://127.0.0.1:1/" }), (error) => {
    assert.ok(error instanceof LibTorchFetchError);
    assert.equal(error.attempts.length, 2);
    assert.match(error.attempts[1]?.reason ?? "", /torch==2\.13\.0/);
    assert.match(error.message, /pip config set global\.extra-index-url/);
    return true;
  });
  assert.deepEqual(readdirSync(cache), []);
});

test("an index without a wheel for this platform says so", async (context) => {
  offerToPip(temporaryFolder(context));
  const indexUrl = await serve(context, (_, response) => void response.end("<html></html>"));
  const cache = temporaryFolder(context);
  await assert.rejects(
    fetchLibTorch({ ...quick, cache, indexUrl }),
    /lists no CPU wheel of torch 2\.13\.0 for/,
  );
});

test("two processes fetch at once, through the command line", async (context) => {
  const cache = temporaryFolder(context);
  const { indexUrl } = await serveWheel(context);
  const env = { ...process.env, SNORKEL_TORCH_INDEX_URL: indexUrl };
  const install = () =>
    promisify(execFile)(process.execPath, ["--import", "tsx", "lib/cli.ts", "install", "--dir", cache], {
      env,
    });
  const results = await Promise.all([install(), install()]);
  for (const { stdout } of results) assert.match(stdout, /^LibTorch 2\.13\.0 \(cpu\) is in /);
  assert.deepEqual(readdirSync(cache), ["libtorch-2.13.0-cpu"]);
  assert.ok(existsSync(join(cache, "libtorch-2.13.0-cpu", "torch", "include", "torch", "torch.h")));
});
