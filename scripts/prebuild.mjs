// Makes prebuilds/PLATFORM-ARCH, which an installed package loads: the addon and the shim, without their symbol tables.
import { copyFileSync, mkdirSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { run, runNode } from "./run.mjs";

const root = resolve(import.meta.dirname, "..");
process.chdir(root);
const staging = resolve("build-prebuild");
rmSync(staging, { recursive: true, force: true });
rmSync(join("prebuilds", `${process.platform}-${process.arch}`), { recursive: true, force: true });
mkdirSync(staging);
// prebuildify takes the name from it.
copyFileSync("package.json", join(staging, "package.json"));

const standIn = `node-gyp-stand-in.${process.platform === "win32" ? "cmd" : "mjs"}`;
runNode("prebuildify/bin.js", [
  "--napi",
  "--strip",
  ...(process.platform === "linux" ? ["--tag-libc"] : []),
  ...["--target", process.versions.node],
  ...["--node-gyp", join(root, "scripts", standIn)],
  ...["--cwd", staging],
  ...["--artifacts", join(staging, "artifacts")],
  ...["--out", root],
]);
rmSync(staging, { recursive: true, force: true });
run(process.execPath, [join("scripts", "check-prebuild.mjs")]);
