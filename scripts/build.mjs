// Builds a checkout: TypeScript to dist/, LibTorch into the user's cache, native code to build/Release.
//
//   node scripts/build.mjs [--native] [--build-dir DIR] [--sanitize address,undefined] [--target NAME]
//
//   --native      leave TypeScript out
//   --build-dir   another folder than build/; name it in SNORKEL_TORCH_BUILD_DIR to use what is in it
//   --sanitize    compile our own code with these sanitizers
//   --target      compile this target of CMakeLists.txt instead of the addon and the shim
import { copyFileSync, existsSync, rmSync, symlinkSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { parseArgs } from "node:util";
import { checkCheckout, checkNode } from "./build-requirements.mjs";
import { runNode } from "./run.mjs";

const root = resolve(import.meta.dirname, "..");

async function build() {
  const { values: options } = parseArgs({
    options: {
      native: { type: "boolean", default: false },
      "build-dir": { type: "string", default: "build" },
      sanitize: { type: "string" },
      target: { type: "string" },
    },
  });
  process.chdir(root);
  checkNode();
  checkCheckout();
  const { checkTools, compile, findBuildPackages } = await importLibrary("binary");
  checkTools();
  if (!options.native) {
    console.log("[build] TypeScript");
    runNode("typescript/bin/tsc", ["-p", "tsconfig.build.json"]);
  }
  const libTorch = await obtainLibTorch();
  console.log(`[build] LibTorch ${libTorch.version} (${libTorch.flavour}): ${libTorch.folder}`);
  const { sanitize, target } = options;
  const out = resolve(options["build-dir"]);
  const variables = {
    CMAKE_COMPILE_WARNING_AS_ERROR: "ON",
    ...(sanitize ? { SNORKEL_TORCH_SANITIZE: sanitize } : {}),
  };
  compile({ root, libTorch, out, packages: findBuildPackages(), variables, target });
  if (target === undefined && out === join(root, "build")) linkCompileCommands(out);
}

/** Whatever fails to resolve for the reason that nothing is there yet is fetched; a wrong setting is the user's. */
async function obtainLibTorch() {
  const { fetchLibTorch, LibTorchLoadError, resolveLibTorch } = await importLibrary("libtorch");
  try {
    return resolveLibTorch({ forBuild: true });
  } catch (error) {
    if (!(error instanceof LibTorchLoadError) || process.env.SNORKEL_TORCH_LIBTORCH) throw error;
    console.log("[build] no LibTorch on this machine yet");
    return fetchLibTorch();
  }
}

/** A folder of lib/, which needs no native code. */
async function importLibrary(folder) {
  const { tsImport } = await import("tsx/esm/api");
  return tsImport(`../lib/${folder}/index.ts`, import.meta.url);
}

/** Editors look for it at the root; Windows lets only some users make links. */
function linkCompileCommands(out) {
  const [from, to] = [join(out, "compile_commands.json"), join(root, "compile_commands.json")];
  if (!existsSync(from)) return;
  rmSync(to, { force: true });
  if (process.platform === "win32") copyFileSync(from, to);
  else symlinkSync(relative(root, from), to);
}

try {
  await build();
} catch (error) {
  console.error(`\n${error.message}`);
  process.exitCode = 1;
}
