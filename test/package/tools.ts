import { spawnSync } from "node:child_process";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** The Node.js releases that are tried: the first with `require(esm)` of each line that has one, and the newest. */
export const nodeVersions = ["20.19.0", "22.12.0", "22.23.3", "24.21.0", "26.12.1"];

/** The oldest TypeScript that reads our declarations, and the newest ones of its three lines. */
export const typescriptVersions = ["5.2.2", "5.9.3", "6.0.3", "7.0.2"];

const packages: Record<string, string> = {
  ...Object.fromEntries(
    nodeVersions.map((version) => [
      `node-${version}`,
      `npm:node-${process.platform}-${process.arch}@${version}`,
    ]),
  ),
  ...Object.fromEntries(
    typescriptVersions.map((version) => [`typescript-${version}`, `npm:typescript@${version}`]),
  ),
  npm: "11.19.1",
  "pnpm-10": "npm:pnpm@10.34.8",
  // From this one on it is a program, in a package for each platform.
  "pnpm-12": `npm:@pnpm/exe.${process.platform}-${process.arch}@12.21.0`,
  "yarn-classic": "npm:yarn@1.22.22",
  "yarn-berry": "npm:@yarnpkg/cli-dist@4.18.1",
  esbuild: "0.28.2",
};

/** Scripts for Node.js, and programs, in the tools' folder. */
const files = {
  npm: "npm/bin/npm-cli.js",
  "pnpm 10": "pnpm-10/bin/pnpm.cjs",
  "pnpm 12": process.platform === "win32" ? "pnpm-12/pnpm.exe" : "pnpm-12/pnpm",
  "yarn classic": "yarn-classic/bin/yarn.js",
  "yarn berry": "yarn-berry/bin/yarn.js",
  esbuild: "esbuild/bin/esbuild",
};

export type ToolName = keyof typeof files;

/** Installs the package managers, Node.js releases and compilers that the tests use. */
export function installTools(folder: string): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), JSON.stringify({ private: true, dependencies: packages }));
  const { status, stderr } = spawnSync("npm", ["install", "--no-audit", "--no-fund", "--prefer-offline"], {
    cwd: folder,
    encoding: "utf8",
    shell: process.platform === "win32",
  });
  if (status !== 0) throw new Error(`[test-package] expected npm to install the tools, got ${stderr}`);
  // A PATH with Node.js and nothing else: no compiler, no Python, no package manager.
  mkdirSync(join(folder, "bin"), { recursive: true });
  symlinkSync(process.execPath, join(folder, "bin", "node"));
}

export function toolFile(folder: string, name: ToolName): string {
  return join(folder, "node_modules", files[name]);
}

export function typescriptScript(folder: string, version: string): string {
  return join(folder, "node_modules", `typescript-${version}`, "bin", "tsc");
}

export function nodeProgram(folder: string, version: string): string {
  return join(folder, "node_modules", `node-${version}`, "bin", "node");
}

/** The folder with Node.js and nothing else. */
export function bareBin(folder: string): string {
  return dirname(join(folder, "bin", "node"));
}
