// Builds a checkout: TypeScript to dist/, LibTorch into the user's cache, native code to build/Release.
//
//   node scripts/build.mjs [--native] [--build-dir DIR] [--sanitize address,undefined] [--target NAME]
//
//   --native      leave TypeScript out
//   --build-dir   another folder than build/; name it in SNORKEL_TORCH_BUILD_DIR to use what is in it
//   --sanitize    compile our own code with these sanitizers
//   --target      compile this target of CMakeLists.txt instead of the addon and the shim
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { buildNative } from "./build-native.mjs";
import { checkCheckout, checkNode, checkTools } from "./build-requirements.mjs";
import { runNode } from "./run.mjs";

const root = resolve(import.meta.dirname, "..");

async function build() {
  const { values: options } = parseArgs({
    options: {
      native: { type: "boolean", default: false },
      "build-dir": { type: "string", default: "build" },
      sanitize: { type: "string", default: "" },
      target: { type: "string" },
    },
  });
  process.chdir(root);
  checkNode();
  checkCheckout();
  checkTools();
  if (!options.native) {
    console.log("[build] TypeScript");
    runNode("typescript/bin/tsc", ["-p", "tsconfig.build.json"]);
  }
  const libTorch = await obtainLibTorch();
  console.log(`[build] LibTorch ${libTorch.version} (${libTorch.flavour}): ${libTorch.folder}`);
  const { "build-dir": out, sanitize, target } = options;
  buildNative({ root, libTorch, out: resolve(out), sanitize, target });
}

/** Whatever fails to resolve for the reason that nothing is there yet is fetched; a wrong setting is the user's. */
async function obtainLibTorch() {
  const { tsImport } = await import("tsx/esm/api");
  const { fetchLibTorch, LibTorchLoadError, resolveLibTorch } = await tsImport(
    "../lib/libtorch/index.ts",
    import.meta.url,
  );
  try {
    return resolveLibTorch({ forBuild: true });
  } catch (error) {
    if (!(error instanceof LibTorchLoadError) || process.env.SNORKEL_TORCH_LIBTORCH) throw error;
    console.log("[build] no LibTorch on this machine yet");
    return fetchLibTorch();
  }
}

try {
  await build();
} catch (error) {
  console.error(`\n${error.message}`);
  process.exitCode = 1;
}
