import assert from "node:assert/strict";
import { test } from "node:test";
import { lockedFiles, readLock } from "../../lib/libtorch/lock.ts";
import { libTorchVersion } from "../../lib/libtorch/version.ts";

const lock = readLock();
const files = Object.values(lock.flavours).flatMap((platforms) => Object.values(platforms).flat());

test("the lock is for the pinned LibTorch", () => {
  assert.equal(lock.version, libTorchVersion);
  const torch = files.filter(({ name }) => name.startsWith("torch-"));
  assert.ok(torch.length >= 4);
  for (const { name } of torch) assert.ok(name.startsWith(`torch-${libTorchVersion}-`), name);
});

test("each file has an address of PyPI, a checksum and a size", () => {
  for (const { name, url, sha256, size } of files) {
    assert.match(url, /^https:\/\/files\.pythonhosted\.org\/packages\//);
    assert.ok(url.endsWith(`/${name}`));
    assert.match(sha256, /^[0-9a-f]{64}$/);
    assert.ok(size > 1000);
  }
});

test("a CUDA build is locked with the libraries that it links", () => {
  for (const platform of ["linux-x64", "linux-arm64"]) {
    const names = lock.flavours.cu130?.[platform]?.map(({ name }) => name.split("-", 1)[0]) ?? [];
    assert.equal(names[0], "torch");
    for (const library of [
      "cublas",
      "cuda_cupti",
      "cuda_runtime",
      "cudnn_cu13",
      "cufft",
      "cusparse",
      "nccl_cu13",
    ]) {
      assert.ok(names.includes(`nvidia_${library}`), `${library} for ${platform}`);
    }
  }
});

test("a flavour or a platform that is not locked has no files", () => {
  assert.deepEqual(lockedFiles(lock, "cu126"), []);
  assert.deepEqual(lockedFiles({ version: "1", flavours: { cpu: { "plan9-mips": [] } } }, "cpu"), []);
});
