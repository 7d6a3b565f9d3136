import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import { tensor } from "../../lib/torch/creation.ts";
import { checkDevice, cuda, getNumThreads, setNumThreads, version } from "../../lib/torch/device.ts";

describe("Devices", () => {
  it("are named in full", () => {
    assert.equal(checkDevice("test", "cpu"), "cpu");
    assert.equal(checkDevice("test", "auto"), cuda.isAvailable() ? "cuda:0" : "cpu");
  });

  it("that are none are an error", () => {
    for (const bad of [
      "",
      "gpu",
      "CPU",
      "cuda:",
      "cuda:x",
      "cuda:-1",
      "cuda:0 ",
      "cuda:1000",
      "cpu:0",
      0,
      null,
      undefined,
    ]) {
      assert.throws(
        () => checkDevice("test", bad),
        /\[test\] expected a device \("auto", "cpu", "cuda" or "cuda:N"\) for device/,
      );
    }
  });

  it("for CUDA are an error that says why CUDA is not available", { skip: cuda.isAvailable() }, () => {
    const reason = cuda.unavailableReason() ?? "";
    assert.match(reason, /LibTorch|libtorch_cuda/);
    for (const device of ["cuda", "cuda:1"]) {
      assert.throws(
        () => checkDevice("test", device),
        (error) =>
          error instanceof TypeError && error.message.includes(`got "${device}" (string). ${reason}`),
      );
    }
  });

  it("that are not there are an error, never a silent fall-back", () => {
    const missing = `cuda:${cuda.deviceCount()}`;
    assert.throws(
      () => tensor(1, { device: missing }),
      new RegExp(`\\[torch\\.tensor\\].*got ${missing}\\. .*use "cpu", or "auto"`),
    );
    assert.throws(() => tensor(1).to(missing), /\[Tensor\.to\] expected a device that is here/);
    if (cuda.isAvailable()) return;
    assert.equal(cuda.deviceCount(), 0);
    assert.throws(() => tensor(1).cuda(), /got "cuda:0"/);
    assert.throws(() => tensor(1, { device: "cuda" }), /got cuda:0/);
  });
});

describe("Threads", () => {
  const before = getNumThreads();
  after(() => setNumThreads(before));

  it("can be set", () => {
    setNumThreads(1);
    assert.equal(getNumThreads(), 1);
    setNumThreads(2);
    assert.equal(getNumThreads(), 2);
  });

  it("are a whole number from 1", () => {
    for (const bad of [0, -1, 1.5, Number.NaN, "2", null, 2 ** 31]) {
      assert.throws(() => setNumThreads(bad as number), /\[torch\.setNumThreads\] expected an integer/);
    }
  });
});

it("The version is a release of LibTorch", () => assert.match(version, /^2\.\d+\.\d+$/));
