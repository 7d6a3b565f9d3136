import { execFileSync } from "node:child_process";
import { availableParallelism, cpus, release, totalmem, type } from "node:os";
import { findPython } from "../scripts/parity/python.ts";
import { libTorchInUse } from "./libtorch.ts";
import type { Machine } from "./report.ts";

const versions = `
import json, platform, torch
from importlib.metadata import version
device = torch.cuda.get_device_name() if torch.cuda.is_available() else None
print(json.dumps({"python": platform.python_version(), "torch": torch.__version__,
                  "snorkel": version("snorkel"), "cudaDevice": device}))
`;

/** @param usesPython - whether a subject is written in Python */
export function describeMachine(usesPython: boolean): Machine {
  const { version, flavour } = libTorchInUse();
  return {
    cpu: cpus()[0]?.model ?? "unknown",
    cores: availableParallelism(),
    memory: totalmem(),
    os: `${type()} ${release()} ${process.arch}`,
    node: process.version,
    libTorch: `${version}+${flavour}`,
    ...(usesPython
      ? { python: JSON.parse(execFileSync(findPython(), ["-c", versions], { encoding: "utf8" })) }
      : {}),
  };
}
