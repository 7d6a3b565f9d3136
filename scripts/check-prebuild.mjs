// Checks what `npm run prebuild` has made for this platform: names, sizes, and on Linux what the libraries need of the
// system and what they export.
//
//   node scripts/check-prebuild.mjs [--glibc VERSION] [--libstdcxx VERSION]
//
// The two options are the newest versions of symbols that may be asked for; what the compiler at hand gives is printed.
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { tsImport } from "tsx/esm/api";

const maximumBytes = 20e6;

/** Those of LibTorch that the shim is linked to, and those of every system with glibc. */
const libTorch = ["libtorch_cpu.so", "libc10.so"];
const system =
  /^(libc\.so\.6|libm\.so\.6|libstdc\+\+\.so\.6|libgcc_s\.so\.1|libdl\.so\.2|libpthread\.so\.0|ld-linux-.*)$/;

const { values: limits } = parseArgs({
  options: { glibc: { type: "string" }, libstdcxx: { type: "string" } },
});
process.chdir(resolve(import.meta.dirname, ".."));
const { libraryFile, libTorchVersion } = await tsImport("../lib/libtorch/index.ts", import.meta.url);

const folder = join("prebuilds", `${process.platform}-${process.arch}`);
const addon = `snorkel-torch${process.platform === "linux" ? ".glibc" : ""}.node`;
const shim = libraryFile("snorkel_torch_shim");

try {
  checkFiles();
  if (process.platform === "linux") checkLibraries();
  else console.log("[check-prebuild] what the libraries need and export is checked on Linux alone");
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}

function checkFiles() {
  if (!existsSync(folder))
    throw new Error(`[check-prebuild] expected ${folder}, found none. Run \`npm run prebuild\``);
  const files = readdirSync(folder).sort();
  const wanted = [addon, "libtorch-version", shim].sort();
  if (files.join() !== wanted.join())
    throw new Error(`[check-prebuild] expected ${wanted.join(", ")} in ${folder}, got ${files.join(", ")}`);
  const version = readFileSync(join(folder, "libtorch-version"), "utf8").trim();
  if (version !== libTorchVersion)
    throw new Error(`[check-prebuild] expected LibTorch ${libTorchVersion}, got a build for ${version}`);
  for (const file of [addon, shim]) {
    const { size } = statSync(join(folder, file));
    console.log(`[check-prebuild] ${join(folder, file)}: ${(size / 1e3).toFixed(0)} kB`);
    if (size > maximumBytes) throw new Error(`[check-prebuild] expected at most ${maximumBytes / 1e6} MB`);
  }
}

function checkLibraries() {
  const faults = [
    ...lookAt(addon, [], ["napi_register_module_v1", "node_api_module_get_api_version_v1"]),
    ...lookAt(shim, libTorch, ["snorkel_torch_shim_init"]),
  ];
  if (faults.length > 0) throw new Error(`[check-prebuild] ${faults.join("\n[check-prebuild] ")}`);
}

/** What is wrong with a library; prints what it needs of the system. */
function lookAt(file, libraries, exports) {
  const path = join(folder, file);
  const { needed, searched } = readDynamic(path);
  const symbols = readSymbols(path);
  const newest = { GLIBC: newestOf(symbols, "GLIBC"), GLIBCXX: newestOf(symbols, "GLIBCXX") };
  console.log(`[check-prebuild] ${file} needs ${needed.join(", ")}`);
  for (const [prefix, { version, names }] of Object.entries(newest))
    if (version) console.log(`[check-prebuild] ${file}: newest ${prefix}_${version} (${names.join(", ")})`);
  const foreign = needed.filter((name) => !libraries.includes(name) && !system.test(name));
  const unlinked = libraries.filter((name) => !needed.includes(name));
  return [
    foreign.length > 0 && `expected ${file} to need only LibTorch and the system, got ${foreign.join(", ")}`,
    unlinked.length > 0 && `expected ${file} to be linked to ${unlinked.join(", ")}`,
    searched.length > 0 && `expected no path in ${file}, got ${searched.join(", ")}`,
    ...checkExports(file, symbols, exports),
    ...checkLimit(file, "GLIBC", newest.GLIBC.version, limits.glibc),
    ...checkLimit(file, "GLIBCXX", newest.GLIBCXX.version, limits.libstdcxx),
  ].filter(Boolean);
}

function readDynamic(path) {
  const text = execFileSync("readelf", ["--dynamic", "--wide", path], { encoding: "utf8" });
  const all = (tag) =>
    [...text.matchAll(new RegExp(`\\(${tag}\\).*\\[(.*)\\]`, "g"))].map((match) => match[1]);
  return { needed: all("NEEDED"), searched: [...all("RPATH"), ...all("RUNPATH")] };
}

/** The dynamic symbols of a library: a type by nm's letters, a name and, where it has one, a version. */
function readSymbols(path) {
  const text = execFileSync("nm", ["--dynamic", "--demangle", "--with-symbol-versions", path], {
    encoding: "utf8",
    maxBuffer: 1e9,
  });
  return text
    .split("\n")
    .map((line) => /^[0-9a-f ]{16} (\w) (.*?)(?:@@?([A-Z]+)_([\d.]+))?$/.exec(line))
    .filter((match) => match !== null)
    .map(([, type, name, prefix, version]) => ({ type, name, prefix, version }));
}

/** The newest version with a prefix that a library asks for, and the symbols that have it. */
function newestOf(symbols, prefix) {
  const asked = symbols.filter((symbol) => symbol.prefix === prefix);
  const version = asked
    .map((symbol) => symbol.version)
    .sort(compareVersions)
    .at(-1);
  return { version, names: asked.filter((symbol) => symbol.version === version).map(({ name }) => name) };
}

/**
 * Besides what is meant to be exported a library may hold what headers of LibTorch and of the standard library give default
 * visibility: types and inline variables of which there has to be one in the process.
 */
function checkExports(file, symbols, meant) {
  const exported = symbols.filter(
    ({ type, name }) => /^[TDBRVWu]$/.test(type) && !/^(_edata|_end|__bss_start)$/.test(name),
  );
  const missing = meant.filter((name) => !exported.some((symbol) => symbol.name === name));
  const ours = exported.filter(
    ({ type, name }) => !meant.includes(name) && (/[TDBR]/.test(type) || /snorkel_torch|Napi::/.test(name)),
  );
  return [
    missing.length > 0 && `expected ${file} to export ${missing.join(", ")}`,
    ours.length > 0 && `expected ${file} to hide ${ours.map(({ name }) => name).join(", ")}`,
  ];
}

function checkLimit(file, prefix, version, limit) {
  if (limit === undefined || version === undefined || compareVersions(version, limit) <= 0) return [];
  return [`expected ${file} to need at most ${prefix}_${limit}, got ${prefix}_${version}`];
}

function compareVersions(a, b) {
  return a.localeCompare(b, "en", { numeric: true });
}
