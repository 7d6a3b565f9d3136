// Compiles this package against another release of LibTorch, from PyPI, and runs quick tests on it, on the CPU.
//
//   node scripts/try-libtorch.mjs VERSION [--site DIR] [--no-build]
//
//   --site      a folder with that torch in it, as `pip install --target` leaves it; else one is made in build-try-VERSION
//   --no-build  take what an earlier run has compiled
//
// PyPI's wheels for Linux are builds for CUDA. Their CPU half needs two of CUDA's libraries, which are small, and no GPU.
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { tsImport } from "tsx/esm/api";
import { run } from "./run.mjs";

process.chdir(resolve(import.meta.dirname, ".."));

/** What shows that the native code works: every kind of call across the boundary, gradients, programs, training. */
const tests = [
  "test/torch/native.test.ts",
  "test/torch/device.test.ts",
  "test/torch/tensor.test.ts",
  "test/torch/creation.test.ts",
  "test/torch/indexing.test.ts",
  "test/torch/autograd.test.ts",
  "test/torch/autocast.test.ts",
  "test/torch/random.test.ts",
  "test/torch/memory.test.ts",
  "test/torch/serialization.test.ts",
  "test/torch/older-libtorch.test.ts",
  ...readdirSync("test/torch/engine").map((name) => `test/torch/engine/${name}`),
  "test/native/boundary.test.ts",
  "test/native/environments.test.ts",
  "test/model/multitask-classifier.test.ts",
  "test/training/trainer.test.ts",
  "test/training/step-programs.test.ts",
  "test/training/convergence.test.ts",
].filter((file) => file.endsWith(".test.ts") && !file.endsWith(".slow.test.ts"));

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { site: { type: "string" }, "no-build": { type: "boolean", default: false } },
});
const [version] = positionals;
if (positionals.length !== 1 || !/^\d+\.\d+\.\d+$/.test(version))
  throw new Error(`[try-libtorch] expected a version such as 2.12.1, got ${positionals.join(" ") || "none"}`);
const work = `build-try-${version}`;
const site = resolve(options.site ?? join(work, "site"));
if (!existsSync(join(site, "torch", "version.py"))) install();

process.env.SNORKEL_TORCH_LIBTORCH = join(site, "torch");
process.env.SNORKEL_TORCH_BUILD_DIR = resolve(work, "build");
if (!options["no-build"]) await build();
const { status } = spawnSync(process.execPath, ["scripts/test.mjs", ...tests], { stdio: "inherit" });
console.log(`[try-libtorch] ${version}: ${status === 0 ? "all tests passed" : "tests failed"}`);
process.exitCode = status ?? 1;

/** Without optimization, which takes half of the time. */
async function build() {
  const { compile, findBuildPackages } = await tsImport("../lib/binary/index.ts", import.meta.url);
  const { readLibTorch } = await tsImport("../lib/libtorch/index.ts", import.meta.url);
  compile({
    root: process.cwd(),
    libTorch: readLibTorch(process.env.SNORKEL_TORCH_LIBTORCH),
    out: process.env.SNORKEL_TORCH_BUILD_DIR,
    packages: findBuildPackages(),
    variables: { CMAKE_CXX_FLAGS_RELEASE: "-O0 -DNDEBUG", CMAKE_COMPILE_WARNING_AS_ERROR: "ON" },
  });
}

function install() {
  const pip = ["-m", "pip", "install", "--quiet", "--upgrade", "--target", site];
  console.log(`[try-libtorch] torch ${version} into ${site}`);
  run("python3", [...pip, "--no-deps", `torch==${version}`], "pip install");
  const requirements = cudaRequirements();
  console.log(`[try-libtorch] ${requirements.join(", ") || "no libraries of CUDA"}`);
  if (requirements.length > 0) run("python3", [...pip, ...requirements], "pip install");
}

/** Those of a wheel's requirements that `libtorch_cpu` is linked to: CUDA's runtime, and its profiler. */
function cudaRequirements() {
  const metadata = readFileSync(join(site, `torch-${version}.dist-info`, "METADATA"), "utf8");
  const required = [...metadata.matchAll(/^Requires-Dist: ([^;\n]+?) *(?:;|$)/gm)].map((match) => match[1]);
  return required
    .filter((requirement) => /^(cuda-toolkit\[|nvidia-cuda-(runtime|cupti)\b)/.test(requirement))
    .map((requirement) => requirement.replace(/^cuda-toolkit\[.*\]/, "cuda-toolkit[cudart,cupti]"));
}
