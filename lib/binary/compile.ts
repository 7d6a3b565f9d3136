import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { availableParallelism, totalmem } from "node:os";
import { join } from "node:path";
import type { LibTorch } from "../libtorch/index.ts";
import type { BuildPackages } from "./build-packages.ts";
import { versionFile } from "./find.ts";
import { answers } from "./tools.ts";

// A file that includes LibTorch's headers takes this much to compile.
const bytesPerJob = 2e9;

export interface CompileOptions {
  /** The folder of this package, with CMakeLists.txt. */
  root: string;
  libTorch: LibTorch;
  /** The folder to compile in. */
  out: string;
  packages: BuildPackages;
  /** Variables for CMake. */
  variables?: Record<string, string>;
  /** A target of CMakeLists.txt to compile instead of the addon and the shim. */
  target?: string;
}

/**
 * Compiles the addon and the libraries beside it, or another target. Nothing is configured anew unless a setting has
 * changed.
 *
 * @returns the folder in `out` that holds them.
 */
export function compile({ root, libTorch, out, packages, variables = {}, target }: CompileOptions): string {
  const generator = process.platform !== "win32" && answers("ninja") ? "Ninja" : undefined;
  const cmakeVariables = {
    CMAKE_PREFIX_PATH: libTorch.folder,
    SNORKEL_TORCH_NODE_ADDON_API: packages.nodeAddonApi,
    ...variables,
  };
  const configuration = [
    ...["--directory", root, "--out", out],
    ...(generator ? ["--generator", generator] : []),
    ...Object.entries(cmakeVariables).map(([name, value]) => `--CD${name}=${value}`),
  ];
  const jobs = Math.max(1, Math.min(availableParallelism(), Math.floor(memory() / bytesPerJob)));
  const parallel = process.env.CMAKE_BUILD_PARALLEL_LEVEL ? [] : ["--parallel", String(jobs)];
  console.log(`[build] native code: ${generator ?? "CMake's default generator"}, ${out}`);

  const cmakeJs = (command: string, options: string[]) =>
    runNode(packages.cmakeJs, [command, "--log-level", "warn", ...options]);
  const settings = JSON.stringify([configuration, libTorch, process.version, process.env.CXX], null, 2);
  const noted = join(out, "settings.json");
  if (!existsSync(noted) || readFileSync(noted, "utf8") !== settings) {
    cmakeJs("reconfigure", configuration);
    writeFileSync(noted, settings);
  }
  cmakeJs("build", [...configuration, ...parallel, ...(target ? ["--target", target] : [])]);

  const release = join(out, "Release");
  if (target === undefined) {
    writeFileSync(join(release, versionFile), `${libTorch.version}\n`);
    checkOutput(release);
  }
  return release;
}

/** The bytes that this machine has, or the container. */
function memory(): number {
  // 0 where there is no limit.
  return Math.min(totalmem(), process.constrainedMemory() || Number.POSITIVE_INFINITY);
}

/** Runs a script with this Node, on this terminal. */
function runNode(script: string, scriptArguments: string[]): void {
  const { status, signal, error } = spawnSync(process.execPath, [script, ...scriptArguments], {
    stdio: "inherit",
  });
  if (error) throw new Error(`[build] cmake-js did not start: ${error.message}`);
  if (status !== 0)
    throw new Error(`[build] cmake-js failed (${signal ?? `exit code ${status}`}); what it printed says why`);
}

/** Tools that package the addon take the first one they find. */
function checkOutput(release: string): void {
  const addons = readdirSync(release).filter((file) => file.endsWith(".node"));
  if (addons.length !== 1) throw new Error(`[build] expected one addon in ${release}, got ${addons.length}`);
}
