import type { LibTorch } from "../libtorch/index.ts";
import type { Finding } from "./finding.ts";
import { askNvidiaDriver, type NvidiaDriver } from "./nvidia-driver.ts";

const check = "CUDA";

/** What LibTorch itself says of CUDA devices. */
export interface SeenDevices {
  count: number;
  /** Why there are none; null where there are. */
  reason: string | null;
}

/**
 * Says which CUDA devices there are for a LibTorch, or why there are none.
 *
 * @param seen - null where LibTorch does not run
 */
export function checkCuda(
  { flavour }: LibTorch,
  seen: SeenDevices | null,
  environment: NodeJS.ProcessEnv = process.env,
): Finding {
  const driver = askNvidiaDriver();
  const hidden = environment.CUDA_VISIBLE_DEVICES;
  const facts = { flavour, seen, driver, visible: hidden ?? null };
  const answers = typeof driver !== "string";
  const driverText = answers
    ? `driver ${driver.version} for CUDA up to ${driver.cuda}: ${driver.devices.join("; ") || "no devices"}`
    : driver;
  if (!flavour.startsWith("cu")) {
    const summary = `not available: this LibTorch is built for ${flavour}; ${driverText}`;
    if (!answers || driver.devices.length === 0) return { check, status: "ok", summary, facts };
    return { check, status: "warning", summary, fix: "npx snorkel-torch install --cuda", facts };
  }
  if (seen === null) return { check, status: "skipped", summary: driverText, facts };
  if (seen.count > 0) {
    const summary = `${seen.count} device${seen.count === 1 ? "" : "s"} for ${flavour}; ${driverText}`;
    return { check, status: "ok", summary, facts };
  }
  const { reason, fix } = whyNone(flavour, driver, hidden, seen.reason);
  return { check, status: "warning", summary: `not available: ${reason}`, fix, facts };
}

function whyNone(
  flavour: string,
  driver: NvidiaDriver | string,
  hidden: string | undefined,
  seenReason: string | null,
): { reason: string; fix: string } {
  if (typeof driver === "string") {
    return { reason: driver, fix: "Install NVIDIA's driver for the device: https://www.nvidia.com/drivers" };
  }
  const needed = flavour.replace(/^cu(\d+)(\d)$/, "$1.$2");
  if (Number.parseInt(driver.cuda, 10) < Number.parseInt(needed, 10)) {
    const reason = `the driver ${driver.version} runs CUDA up to ${driver.cuda}, and LibTorch is built for ${needed}`;
    return { reason, fix: "Install a newer driver: https://www.nvidia.com/drivers" };
  }
  if (hidden !== undefined) {
    const reason = `CUDA_VISIBLE_DEVICES=${hidden} hides ${driver.devices.join("; ")}`;
    return { reason, fix: "unset CUDA_VISIBLE_DEVICES" };
  }
  return {
    reason: `${seenReason ?? "LibTorch sees none"}; the driver has ${driver.devices.join("; ") || "none"}`,
    fix: "npx snorkel-torch install --cuda --force",
  };
}
