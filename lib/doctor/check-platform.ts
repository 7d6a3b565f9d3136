import { arch, cpus, platform, release, totalmem } from "node:os";
import { glibcVersion, libTorchPlatforms, muslReason, muslRemedy, usesMusl } from "../libtorch/index.ts";
import type { Finding } from "./finding.ts";

/** LibTorch's own libraries for Linux ask for this one (manylinux_2_28). */
const oldestGlibc = "2.28";

export function checkPlatform(): Finding {
  const check = "Platform";
  const name = `${platform()}-${arch()}`;
  const glibc = platform() === "linux" ? glibcVersion() : undefined;
  const libc = platform() !== "linux" ? "" : usesMusl() ? ", musl" : `, glibc ${glibc}`;
  const processor = cpus()[0]?.model.trim() ?? "unknown processor";
  const summary = `${name}${libc}; ${processor}, ${(totalmem() / 1e9).toFixed(1)} GB`;
  const facts = {
    platform: name,
    system: release(),
    libc: libc === "" ? null : (glibc ?? "musl"),
    processor,
    memory: totalmem(),
  };
  if (!libTorchPlatforms.includes(name)) {
    const fix = `Use one of ${libTorchPlatforms.join(", ")}, or compile LibTorch and name it in SNORKEL_TORCH_LIBTORCH.`;
    return { check, status: "failed", summary: `${summary}; there is no LibTorch for it`, fix, facts };
  }
  if (usesMusl())
    return { check, status: "failed", summary: `${summary}; ${muslReason}`, fix: muslRemedy, facts };
  if (glibc !== undefined && glibc.localeCompare(oldestGlibc, "en", { numeric: true }) < 0) {
    const fix = `Use a system or an image with glibc ${oldestGlibc} or later, such as node:22-slim.`;
    return {
      check,
      status: "failed",
      summary: `${summary}; glibc ${oldestGlibc} or later is needed`,
      fix,
      facts,
    };
  }
  return { check, status: "ok", summary, facts };
}
