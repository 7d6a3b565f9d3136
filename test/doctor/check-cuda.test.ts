import assert from "node:assert/strict";
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { checkCuda } from "../../lib/doctor/check-cuda.ts";
import type { Finding } from "../../lib/doctor/finding.ts";
import { temporaryFolder } from "../libtorch/fake-wheel.ts";

const libTorch = (flavour: string) => ({ folder: "/libtorch", version: "2.13.0", flavour });

const none = { count: 0, reason: "LibTorch sees no CUDA device" };

/** Puts an `nvidia-smi` on the path that answers as the real one of a driver does; none by default. */
function useDriver(context: TestContext, cuda?: string): void {
  const folder = temporaryFolder(context);
  const before = process.env.PATH;
  process.env.PATH = folder;
  context.after(() => {
    process.env.PATH = before;
  });
  if (cuda === undefined) return;
  const path = join(folder, "nvidia-smi");
  const rows = "580.159.04, NVIDIA H100 80GB HBM3, 81559 MiB";
  const overview = `| NVIDIA-SMI 580.159.04    Driver Version: 580.159.04    CUDA Version: ${cuda}     |`;
  writeFileSync(path, `#!/bin/sh\nif [ $# -gt 0 ]; then echo '${rows}'; else echo '${overview}'; fi\n`);
  chmodSync(path, 0o755);
}

function fixOf(finding: Finding): string | undefined {
  return "fix" in finding ? finding.fix : undefined;
}

const skip = process.platform === "win32";

test("a CPU build on a machine without a driver is as it should be", (context) => {
  useDriver(context);
  const finding = checkCuda(libTorch("cpu"), none, {});
  assert.equal(finding.status, "ok");
  assert.match(finding.summary, /^not available: this LibTorch is built for cpu; no NVIDIA driver answers/);
});

test("a CPU build on a machine with a device is told of the CUDA build", { skip }, (context) => {
  useDriver(context, "13.0");
  const finding = checkCuda(libTorch("cpu"), none, {});
  assert.equal(finding.status, "warning");
  assert.match(
    finding.summary,
    /driver 580\.159\.04 for CUDA up to 13\.0: NVIDIA H100 80GB HBM3, 81559 MiB$/,
  );
  assert.equal(fixOf(finding), "npx snorkel-torch install --cuda");
});

test("the devices that LibTorch sees are named", { skip }, (context) => {
  useDriver(context, "13.0");
  const finding = checkCuda(libTorch("cu130"), { count: 1, reason: null }, {});
  assert.equal(finding.status, "ok");
  assert.match(finding.summary, /^1 device for cu130; driver .*NVIDIA H100/);
});

test("why there is no device: no driver", (context) => {
  useDriver(context);
  const finding = checkCuda(libTorch("cu130"), none, {});
  assert.equal(finding.status, "warning");
  assert.match(finding.summary, /^not available: no NVIDIA driver answers/);
  assert.match(fixOf(finding) ?? "", /nvidia\.com\/drivers/);
});

test("why there is no device: the driver is too old", { skip }, (context) => {
  useDriver(context, "12.4");
  const finding = checkCuda(libTorch("cu130"), none, {});
  assert.match(
    finding.summary,
    /the driver 580\.159\.04 runs CUDA up to 12\.4, and LibTorch is built for 13\.0$/,
  );
  assert.match(fixOf(finding) ?? "", /newer driver/);
});

test("why there is no device: a variable hides it", { skip }, (context) => {
  useDriver(context, "13.0");
  const finding = checkCuda(libTorch("cu130"), none, { CUDA_VISIBLE_DEVICES: "-1" });
  assert.match(finding.summary, /CUDA_VISIBLE_DEVICES=-1 hides NVIDIA H100/);
  assert.equal(fixOf(finding), "unset CUDA_VISIBLE_DEVICES");
});

test("why there is no device: what LibTorch itself says", { skip }, (context) => {
  useDriver(context, "13.0");
  const finding = checkCuda(libTorch("cu130"), { count: 0, reason: "libcudart.so.13 is missing" }, {});
  assert.match(finding.summary, /^not available: libcudart\.so\.13 is missing; the driver has NVIDIA H100/);
  assert.equal(fixOf(finding), "npx snorkel-torch install --cuda --force");
});

test("where LibTorch does not run its devices are not known", (context) => {
  useDriver(context);
  assert.equal(checkCuda(libTorch("cu130"), null, {}).status, "skipped");
});
