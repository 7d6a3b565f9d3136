// Checks what `npm pack` would put into the package: what is used, what a build from source needs, and nothing else.
import { execFileSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join, resolve } from "node:path";

const maximumBytes = 15e6;

process.chdir(resolve(import.meta.dirname, ".."));
const pack = ["pack", "--dry-run", "--json", "--ignore-scripts"];
const [packed] = JSON.parse(
  execFileSync("npm", pack, { encoding: "utf8", maxBuffer: 1e9, shell: process.platform === "win32" }),
);
const files = packed.files.map(({ path }) => path);

const modules = list("lib", /\.ts$/).map((file) => file.replace(/^lib/, "dist").replace(/\.ts$/, ""));
const wanted = [
  ...["package.json", "README.md", "LICENSE", "CHANGELOG.md", "CMakeLists.txt", "libtorch.lock.json"],
  ...modules.flatMap((name) => [`${name}.js`, `${name}.d.ts`]),
  ...list("native", /\.(cc|h)$/),
  ...list("prebuilds", /./),
];
const missing = wanted.filter((file) => !files.includes(file));
const extra = files.filter((file) => !wanted.includes(file));
const megabytes = (bytes) => `${(bytes / 1e6).toFixed(2)} MB`;
console.log(
  `[check-package] ${packed.filename}: ${files.length} files, ${megabytes(packed.size)}, unpacked ${megabytes(packed.unpackedSize)}`,
);

const faults = [
  ...missing.map((file) => `expected ${file} in the package, got none`),
  // A module that is no more leaves its output behind.
  ...extra.map((file) => `expected no ${file} in the package. Remove dist/ and run \`npm run build:all\``),
  ...(list("prebuilds", /./).length > 0 ? [] : ["expected prebuilds, got none. Run `npm run prebuild`"]),
  ...(packed.size <= maximumBytes ? [] : [`expected at most ${megabytes(maximumBytes)}`]),
];
for (const fault of faults) console.error(`[check-package] ${fault}`);
if (faults.length > 0) process.exitCode = 1;

function list(folder, pattern) {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && pattern.test(entry.name))
      .map((entry) => join(entry.parentPath, entry.name).replaceAll("\\", "/"));
  } catch {
    return [];
  }
}
