import { join, resolve } from "node:path";
import { libTorchInUse } from "./libtorch.ts";
import { runCommand } from "./run-command.ts";

const root = resolve(import.meta.dirname, "..");

/** Where the build leaves the subjects that are written in C++. */
export const programsFolder = join(root, "build", "bench");

/** Compiles them, where something has changed. */
export function buildPrograms(): void {
  runCommand([process.execPath, join(root, "scripts", "build.mjs"), "--native", "--target", "bench"]);
}

/** An environment in which a program finds the libraries of the LibTorch that this package uses. */
export function withLibTorch(): NodeJS.ProcessEnv {
  const path = { linux: "LD_LIBRARY_PATH", darwin: "DYLD_LIBRARY_PATH", win32: "PATH" };
  const name = path[process.platform as keyof typeof path];
  const folder = join(libTorchInUse().folder, "lib");
  return {
    [name]: [folder, process.env[name]].filter(Boolean).join(process.platform === "win32" ? ";" : ":"),
  };
}
