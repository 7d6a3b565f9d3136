import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createCipheriv, createHash } from "node:crypto";
import { copyFileSync, existsSync, readdirSync, readFileSync, renameSync } from "node:fs";
import { devNull } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { fetchLibTorch, LibTorchFetchError } from "../../lib/libtorch/index.ts";
import type { LibTorchLock } from "../../lib/libtorch/lock.ts";
import { temporaryFolder, wheelContents, writeZip } from "./fake-wheel.ts";
import { serve } from "./wheel-server.ts";

// pip sees the wheels that a test offers, and no index.
Object.assign(process.env, { PIP_CONFIG_FILE: devNull, PIP_NO_INDEX: "1" });
for (const name of ["PIP_FIND_LINKS", "PIP_EXTRA_INDEX_URL", "PIP_CONSTRAINT"]) delete process.env[name];

const lines: string[] = [];
const progress = { say: (line: string) => void lines.push(line), start() {}, update() {}, stop() {} };
const torch = "torch-2.13.0-py3-none-any.whl";
const cublas = "nvidia_cublas-13.1-py3-none-any.whl";

const quick = { progress, retryDelay: 1, tries: 2, flavour: "cuda" };
const skip = process.platform === "darwin";

/** Bytes that deflate makes no shorter. */
function incompressible(length: number): Buffer {
  const key = createHash("sha256").update("cublas").digest();
  return createCipheriv("aes-256-ctr", key, Buffer.alloc(16)).update(Buffer.alloc(length));
}

interface Mirror {
  lock: LibTorchLock;
  filesUrl: string;
  /** The folder with the files. */
  folder: string;
  /** Each request for a file: its name, and where it was to begin. */
  requests: string[];
  /** After so many bytes the next answers for a file break off. */
  breakAfter: { name: string; bytes: number }[];
  missing: Set<string>;
}

/** A mirror of PyPI on this machine with a CUDA build in two wheels, and the lock for it. */
async function serveFiles(context: TestContext): Promise<Mirror> {
  const folder = temporaryFolder(context);
  await writeZip(join(folder, torch), wheelContents("", "13.0"));
  await writeZip(join(folder, cublas), {
    "nvidia/cu13/lib/libcublas.so.13": incompressible(20_000),
    "nvidia_cublas-13.1.dist-info/METADATA": "Metadata-Version: 2.1\nName: nvidia-cublas\nVersion: 13.1\n",
    "nvidia_cublas-13.1.dist-info/WHEEL":
      "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    "nvidia_cublas-13.1.dist-info/RECORD": "",
  });
  const files = [torch, cublas].map((name) => {
    const bytes = readFileSync(join(folder, name));
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    return { name, url: `https://files.pythonhosted.org/packages/ab/cd/${name}`, sha256, size: bytes.length };
  });
  const lock = { version: "2.13.0", flavours: { cu130: { [`${process.platform}-${process.arch}`]: files } } };
  const mirror: Omit<Mirror, "filesUrl"> = { lock, folder, requests: [], breakAfter: [], missing: new Set() };
  const url = await serve(context, ({ url = "", method, headers }, response) => {
    const name = url.split("/").at(-1) ?? "";
    const bytes = readFileSync(join(folder, name));
    if (method === "HEAD") return void response.end();
    const start = Number(/bytes=(\d+)-/.exec(headers.range ?? "")?.[1] ?? 0);
    mirror.requests.push(`${name} ${start}`);
    assert.equal(url, `/mirror/packages/ab/cd/${name}`);
    if (mirror.missing.has(name)) return void response.writeHead(404).end();
    if (start >= bytes.length) return void response.writeHead(416).end();
    response.writeHead(start > 0 ? 206 : 200, { "content-length": bytes.length - start });
    const at = mirror.breakAfter.findIndex((breach) => breach.name === name);
    if (at < 0) return void response.end(bytes.subarray(start));
    const [breach] = mirror.breakAfter.splice(at, 1);
    response.write(bytes.subarray(start, start + (breach?.bytes ?? 0)), () =>
      setTimeout(() => response.destroy(), 50),
    );
  });
  return Object.assign(mirror, { filesUrl: `${url}mirror/` });
}

test("a CUDA build is put together from the files of the lock", { skip }, async (context) => {
  const cache = temporaryFolder(context);
  const { lock, filesUrl, requests } = await serveFiles(context);
  const installed = await fetchLibTorch({ ...quick, cache, lock, filesUrl });
  const folder = join(cache, "libtorch-2.13.0-cu130");
  assert.deepEqual(installed, { folder: join(folder, "torch"), version: "2.13.0", flavour: "cu130" });
  // Their libraries find each other by this layout.
  assert.ok(existsSync(join(folder, "nvidia", "cu13", "lib", "libcublas.so.13")));
  assert.deepEqual(requests, [`${torch} 0`, `${cublas} 0`]);
  assert.deepEqual(readdirSync(cache), ["libtorch-2.13.0-cu130"]);
  await fetchLibTorch({ ...quick, cache, lock, filesUrl });
  assert.equal(requests.length, 2);
});

test("what an earlier run has fetched of the files is not fetched again", { skip }, async (context) => {
  const cache = temporaryFolder(context);
  const mirror = await serveFiles(context);
  const { lock, filesUrl, requests } = mirror;
  for (const bytes of [1000, 500, 0, 0]) mirror.breakAfter.push({ name: cublas, bytes });
  await assert.rejects(fetchLibTorch({ ...quick, cache, lock, filesUrl }), LibTorchFetchError);
  assert.equal(readdirSync(cache).length, 2);
  // As if the process had ended: a name tells which one a file belongs to.
  const gone = spawnSync(process.execPath, ["--version"]).pid;
  for (const name of readdirSync(cache)) {
    renameSync(join(cache, name), join(cache, name.replace(`.${process.pid}.`, `.${gone}.`)));
  }
  requests.length = 0;
  await fetchLibTorch({ ...quick, cache, lock, filesUrl });
  const [{ size = 0 } = {}] = lock.flavours.cu130?.[`${process.platform}-${process.arch}`] ?? [];
  assert.deepEqual(requests, [`${torch} ${size}`, `${cublas} 1500`]);
  assert.deepEqual(readdirSync(cache), ["libtorch-2.13.0-cu130"]);
});

test("where a file is missing pip is asked at once, with the checksums of the lock", {
  skip,
}, async (context) => {
  const cache = temporaryFolder(context);
  const mirror = await serveFiles(context);
  const { lock, filesUrl, requests, folder } = mirror;
  mirror.missing.add(torch);
  process.env.PIP_FIND_LINKS = folder;
  const { flavour } = await fetchLibTorch({ ...quick, cache, lock, filesUrl });
  assert.equal(flavour, "cu130");
  assert.deepEqual(requests, [`${torch} 0`]);
  assert.ok(lines.some((line) => /answered 404\); asking pip download$/.test(line)));
});

test("pip's files are refused where they are others than the lock's", { skip }, async (context) => {
  const cache = temporaryFolder(context);
  const mirror = await serveFiles(context);
  const { lock, filesUrl, folder } = mirror;
  mirror.missing.add(torch);
  const links = temporaryFolder(context);
  copyFileSync(join(folder, torch), join(links, torch));
  await writeZip(join(links, cublas), { "nvidia/cu13/lib/libcublas.so.13": "another" });
  process.env.PIP_FIND_LINKS = links;
  await assert.rejects(
    fetchLibTorch({ ...quick, cache, lock, filesUrl }),
    /pip download: .*(hash|Expected sha256|Got)/is,
  );
  assert.ok(!existsSync(join(cache, "libtorch-2.13.0-cu130")));
});
