#!/usr/bin/env node
// What prebuildify starts instead of node-gyp, in a folder from which it then takes build/Release. The addon is compiled
// where `npm run build:all` compiles it, and copied, because prebuildify moves what it finds.
import { copyFileSync, mkdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { tsImport } from "tsx/esm/api";
import { run } from "./run.mjs";

const root = resolve(import.meta.dirname, "..");
const { addonFile, versionFile } = await tsImport("../lib/binary/index.ts", import.meta.url);
const { libraryFile, libTorchVersion } = await tsImport("../lib/libtorch/index.ts", import.meta.url);

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    target: { type: "string" },
    devdir: { type: "string" },
    arch: { type: "string" },
    release: { type: "boolean", default: false },
  },
});
const isUnderstood = positionals.join() === "rebuild" && values.release && values.arch === process.arch;
if (!isUnderstood) {
  throw new Error(
    `[prebuild] expected rebuild --release --arch=${process.arch}, got ${process.argv.slice(2).join(" ")}`,
  );
}

const build = join(root, "build");
run(process.execPath, [join(root, "scripts", "build.mjs"), "--native"]);
const [, libTorch] = JSON.parse(readFileSync(join(build, "settings.json"), "utf8"));
if (libTorch.version !== libTorchVersion || libTorch.flavour !== "cpu") {
  throw new Error(
    `[prebuild] expected LibTorch ${libTorchVersion} for the CPU, got ${libTorch.version}-${libTorch.flavour}. Unset ` +
      "SNORKEL_TORCH_LIBTORCH",
  );
}
copy([addonFile, libraryFile("snorkel_torch_shim")], resolve("build", "Release"));
copy([versionFile], resolve("artifacts"));

function copy(files, folder) {
  mkdirSync(folder, { recursive: true });
  for (const file of files) copyFileSync(join(build, "Release", file), join(folder, file));
}
