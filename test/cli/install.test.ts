import assert from "node:assert/strict";
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { libraryFile, readLibTorch } from "../../lib/libtorch/index.ts";
import { temporaryFolder, versionModule, wheelContents, writeZip } from "../libtorch/fake-wheel.ts";
import { serve, serveWheel } from "../libtorch/wheel-server.ts";
import { bareEnvironment, runCli } from "./run-cli.ts";

const wheel = "torch-2.13.0+cpu-cp312-cp312-manylinux_2_28_x86_64.whl";

test("install takes the CPU build from the index, says where it is, and does not fetch it twice", async (context) => {
  const cache = temporaryFolder(context);
  const { indexUrl, ranges } = await serveWheel(context);
  const env = bareEnvironment(cache, { SNORKEL_TORCH_INDEX_URL: indexUrl });
  const first = await runCli(["install"], { env });
  const folder = join(cache, "libtorch-2.13.0-cpu", "torch");
  assert.equal(first.stdout, `LibTorch 2.13.0 (cpu) is in ${folder}\n`);
  assert.match(first.stderr, /^torch-2\.13\.0\+cpu-cp312-\S+: 100% of \d+ MB$/m);
  assert.equal(first.status, 0);
  assert.deepEqual(await runCli(["install", "--cpu"], { env }), {
    status: 0,
    stdout: first.stdout,
    stderr: "",
  });
  assert.deepEqual(ranges, [undefined]);
});

test("install --force replaces what is there", async (context) => {
  const cache = temporaryFolder(context);
  const { indexUrl } = await serveWheel(context);
  const env = bareEnvironment(cache, { SNORKEL_TORCH_INDEX_URL: indexUrl });
  await runCli(["install"], { env });
  const library = join(cache, "libtorch-2.13.0-cpu", "torch", "lib", libraryFile("torch_cpu"));
  const whole = readFileSync(library);
  writeFileSync(library, "damaged");
  assert.equal((await runCli(["install", "--force"], { env })).status, 0);
  assert.deepEqual(readFileSync(library), whole);
  assert.deepEqual(readdirSync(cache), ["libtorch-2.13.0-cpu"]);
});

test("install --dir says how programs find it", async (context) => {
  const dir = temporaryFolder(context);
  const { indexUrl } = await serveWheel(context);
  const env = bareEnvironment(temporaryFolder(context), { SNORKEL_TORCH_INDEX_URL: indexUrl });
  const { stdout } = await runCli(["install", "--dir", dir], { env });
  assert.match(stdout, new RegExp(`^Programs find it with SNORKEL_TORCH_CACHE=${dir}$`, "m"));
});

test("install --from-file takes a wheel", async (context) => {
  const cache = temporaryFolder(context);
  const file = join(temporaryFolder(context), wheel);
  await writeZip(file, wheelContents());
  const run = await runCli(["install", "--from-file", file], { env: bareEnvironment(cache) });
  assert.equal(run.stdout, `LibTorch 2.13.0 (cpu) is in ${join(cache, "libtorch-2.13.0-cpu", "torch")}\n`);
  assert.ok(existsSync(file));
});

test("install --from-file takes an archive of LibTorch", async (context) => {
  const cache = temporaryFolder(context);
  const file = join(temporaryFolder(context), "libtorch-shared-with-deps-2.13.0+cu130.zip");
  await writeZip(file, {
    [`libtorch/lib/${libraryFile("torch_cpu")}`]: "torch_cpu",
    "libtorch/build-version": "2.13.0+cu130\n",
    "libtorch/include/torch/torch.h": "",
    "libtorch/share/cmake/Torch/TorchConfig.cmake": "",
    "libtorch/test.txt": "not wanted",
  });
  assert.equal((await runCli(["install", "--from-file", file], { env: bareEnvironment(cache) })).status, 0);
  const folder = join(cache, "libtorch-2.13.0-cu130", "torch");
  assert.deepEqual(readLibTorch(folder), { folder, version: "2.13.0", flavour: "cu130" });
  assert.deepEqual(readdirSync(folder).sort(), ["build-version", "include", "lib", "share"]);
});

test("install --from-file takes a folder of wheels: that of torch and those that it needs", async (context) => {
  const cache = temporaryFolder(context);
  const folder = temporaryFolder(context);
  await writeZip(join(folder, "torch-2.13.0-cp311-none-any.whl"), wheelContents("", "13.0"));
  await writeZip(join(folder, "nvidia_cublas-13.1-py3-none-any.whl"), {
    "nvidia/cu13/lib/libcublas.so.13": "cublas",
    "nvidia/cu13/lib/libcudart_static.a": "not wanted",
    "nvidia/cu13/include/cublas.h": "",
  });
  const alone = await runCli(["install", "--from-file", join(folder, "torch-2.13.0-cp311-none-any.whl")], {
    env: bareEnvironment(temporaryFolder(context)),
  });
  assert.match(alone.stderr, /^LibTorch for cu130 links libraries of CUDA, and none were among the files/m);
  await writeZip(join(folder, "sympy-1.14.0-py3-none-any.whl"), { "sympy/__init__.py": "" });
  const run = await runCli(["install", "--from-file", folder], { env: bareEnvironment(cache) });
  assert.equal(run.status, 0, run.stderr);
  assert.doesNotMatch(run.stderr, /none were among/);
  const installed = join(cache, "libtorch-2.13.0-cu130");
  assert.deepEqual(readdirSync(join(installed, "nvidia", "cu13", "lib")), ["libcublas.so.13"]);
  assert.deepEqual(readdirSync(join(installed, "nvidia", "cu13", "include")), ["cublas.h"]);
  assert.deepEqual(readdirSync(installed).sort(), ["nvidia", "torch", "torch.libs", "torchgen"]);
});

test("install --from-file refuses another version, a damaged file, and one that is not there", async (context) => {
  const cache = temporaryFolder(context);
  const folder = temporaryFolder(context);
  const install = async (name: string) => {
    const run = await runCli(["install", "--from-file", join(folder, name)], { env: bareEnvironment(cache) });
    assert.equal(run.status, 1);
    assert.deepEqual(readdirSync(cache), []);
    return run.stderr;
  };
  await writeZip(join(folder, "old.whl"), {
    ...wheelContents(),
    "torch/version.py": versionModule("2.12.1+cpu"),
  });
  assert.match(await install("old.whl"), /expected LibTorch 2\.13\.0 in old\.whl, got 2\.12\.1 for cpu/);

  await writeZip(join(folder, "whole.whl"), wheelContents());
  const bytes = readFileSync(join(folder, "whole.whl"));
  writeFileSync(join(folder, "cut.whl"), bytes.subarray(0, 5000));
  assert.match(
    await install("cut.whl"),
    /expected a whole wheel or zip archive in cut\.whl, got .*fetch it again/s,
  );

  // A byte of the largest entry, which is stored or deflated at the start.
  bytes.writeUInt8(bytes.readUInt8(2000) ^ 1, 2000);
  writeFileSync(join(folder, "flipped.whl"), bytes);
  assert.match(await install("flipped.whl"), /libtorch_cpu|torch_cpu|invalid/);

  await writeZip(join(folder, "other.whl"), { "numpy/__init__.py": "" });
  assert.match(
    await install("other.whl"),
    /expected LibTorch 2\.13\.0 for \S+ in other\.whl, which .*no such folder/s,
  );
  assert.match(
    await install("missing.whl"),
    /in \S+missing\.whl, got ENOENT.*\n.*pip download torch==2\.13\.0/,
  );
});

test("a file by the name of a locked one must have its checksum", async (context) => {
  const cache = temporaryFolder(context);
  const file = join(temporaryFolder(context), "torch-2.13.0-cp312-cp312-manylinux_2_28_x86_64.whl");
  await writeZip(file, wheelContents("", "13.0"));
  const { status, stderr } = await runCli(["install", "--from-file", file], { env: bareEnvironment(cache) });
  assert.equal(status, 1);
  assert.match(stderr, /expected SHA-256 [0-9a-f]{64} for \S+manylinux_2_28_x86_64\.whl, got another/);
});

test("install --cuda refuses a file that is not the locked one", {
  skip: process.platform !== "linux",
}, async (context) => {
  const cache = temporaryFolder(context);
  const url = await serve(context, (request, response) => {
    response.end(request.method === "HEAD" ? undefined : "something else");
  });
  const env = bareEnvironment(cache, { SNORKEL_TORCH_FILES_URL: url });
  const { status, stderr } = await runCli(["install", "--cuda"], { env });
  assert.equal(status, 1);
  assert.match(
    stderr,
    /expected SHA-256 [0-9a-f]{64} for http:\/\/127\S+torch-2\.13\.0-cp312\S+\.whl, got another/,
  );
});

test("install --cuda LABEL comes through pip, with the wheels that torch needs", {
  skip: process.platform === "win32",
}, async (context) => {
  const cache = temporaryFolder(context);
  const links = temporaryFolder(context);
  const contents = wheelContents("+cu126", "12.6");
  const metadata = "torch-2.13.0+cu126.dist-info/METADATA";
  contents[metadata] = `${contents[metadata]}Requires-Dist: nvidia-cublas-cu12==12.6\n`;
  await writeZip(join(links, "torch-2.13.0+cu126-py3-none-any.whl"), contents);
  await writeZip(join(links, "nvidia_cublas_cu12-12.6-py3-none-any.whl"), {
    "nvidia/cublas/lib/libcublas.so.12": "cublas",
    "nvidia_cublas_cu12-12.6.dist-info/METADATA":
      "Metadata-Version: 2.1\nName: nvidia-cublas-cu12\nVersion: 12.6\n",
    "nvidia_cublas_cu12-12.6.dist-info/WHEEL":
      "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    "nvidia_cublas_cu12-12.6.dist-info/RECORD": "",
  });
  const env = bareEnvironment(cache, { PATH: process.env.PATH, PIP_FIND_LINKS: links });
  const run = await runCli(["install", "--cuda", "cu126"], { env });
  assert.equal(run.status, 0, run.stderr);
  const installed = join(cache, "libtorch-2.13.0-cu126");
  assert.equal(readLibTorch(installed).flavour, "cu126");
  assert.ok(existsSync(join(installed, "nvidia", "cublas", "lib", "libcublas.so.12")));
});

test("an index that is no URL is named, with what it should be", async (context) => {
  const env = bareEnvironment(temporaryFolder(context), { SNORKEL_TORCH_INDEX_URL: "nonsense" });
  const { status, stderr } = await runCli(["install"], { env });
  assert.equal(status, 1);
  assert.match(
    stderr,
    /expected the URL of a page for SNORKEL_TORCH_INDEX_URL, got "nonsense"\nName one such as http/,
  );
});

test("install --cuda with a label that is none says what is expected", async (context) => {
  const { status, stderr } = await runCli(["install", "--cuda", "12.6"], {
    env: bareEnvironment(temporaryFolder(context)),
  });
  assert.equal(status, 1);
  assert.match(stderr, /expected "cpu", "cuda" or a label such as "cu130" for the flavour, got "12\.6"/);
});

test("a cache that cannot be written is named, with what to do", {
  skip: process.platform === "win32",
}, async (context) => {
  const folder = temporaryFolder(context);
  mkdirSync(join(folder, "closed"));
  chmodSync(join(folder, "closed"), 0o555);
  chmodSync(folder, 0o755);
  const cache = join(folder, "closed", "cache");
  // The superuser may write everywhere.
  const uid = process.getuid?.() === 0 ? 65534 : undefined;
  const { status, stderr } = await runCli(["install"], { env: bareEnvironment(cache), uid });
  assert.equal(status, 1);
  assert.match(stderr, /expected to write to \S+closed\/cache, got EACCES.*\n.*SNORKEL_TORCH_CACHE=DIR/);
});

test("where HTTPS_PROXY is set, the error says how Node follows it", async (context) => {
  const env = bareEnvironment(temporaryFolder(context), {
    SNORKEL_TORCH_INDEX_URL: "http://127.0.0.1:1/",
    HTTPS_PROXY: "http://127.0.0.1:2",
  });
  const { status, stderr } = await runCli(["install"], { env });
  assert.equal(status, 1);
  assert.match(
    stderr,
    /HTTPS_PROXY is set, which Node 22\.21, 24 and later follow with NODE_USE_ENV_PROXY=1\./,
  );
});
