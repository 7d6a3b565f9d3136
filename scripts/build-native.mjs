import {
  copyFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { availableParallelism, totalmem } from "node:os";
import { join, relative } from "node:path";
import { answers, runNode } from "./run.mjs";

// A file that includes LibTorch's headers takes this much to compile.
const bytesPerJob = 2e9;

/**
 * Compiles the addon and the shim to `Release` in `out`, or another target there. Nothing is configured anew unless a
 * setting has changed.
 */
export function buildNative({ root, libTorch, out, sanitize, target }) {
  const generator = process.platform !== "win32" && answers("ninja") ? "Ninja" : undefined;
  const configuration = [
    "--directory",
    root,
    "--out",
    out,
    ...(generator ? ["--generator", generator] : []),
    `--CDCMAKE_PREFIX_PATH=${libTorch.folder}`,
    ...(sanitize ? [`--CDSNORKEL_TORCH_SANITIZE=${sanitize}`] : []),
  ];
  const jobs = Math.max(1, Math.min(availableParallelism(), Math.floor(totalmem() / bytesPerJob)));
  const parallel = process.env.CMAKE_BUILD_PARALLEL_LEVEL ? [] : ["--parallel", String(jobs)];
  console.log(`[build] native code: ${generator ?? "CMake's default generator"}, ${out}`);

  const settings = JSON.stringify([configuration, libTorch, process.version, process.env.CXX], null, 2);
  const noted = join(out, "settings.json");
  if (!existsSync(noted) || readFileSync(noted, "utf8") !== settings) {
    cmakeJs("reconfigure", configuration);
    writeFileSync(noted, settings);
  }
  cmakeJs("build", [...configuration, ...parallel, ...(target ? ["--target", target] : [])]);
  if (target) return;

  const release = join(out, "Release");
  writeFileSync(join(release, "libtorch-version"), `${libTorch.version}\n`);
  checkOutput(release);
  if (out === join(root, "build")) linkCompileCommands(root, out);
}

function cmakeJs(command, options) {
  runNode("cmake-js/bin/cmake-js", [command, "--log-level", "warn", ...options]);
}

/** Tools that package the addon take the first one they find. */
function checkOutput(release) {
  const addons = readdirSync(release).filter((file) => file.endsWith(".node"));
  if (addons.length !== 1) throw new Error(`[build] expected one addon in ${release}, got ${addons.length}`);
}

/** Editors look for it at the root; Windows lets only some users make links. */
function linkCompileCommands(root, out) {
  const [from, to] = [join(out, "compile_commands.json"), join(root, "compile_commands.json")];
  if (!existsSync(from)) return;
  rmSync(to, { force: true });
  if (process.platform === "win32") copyFileSync(from, to);
  else symlinkSync(relative(root, from), to);
}
