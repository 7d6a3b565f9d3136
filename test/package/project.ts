import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { bareBin } from "./tools.ts";
import type { Workplace } from "./workplace.ts";

export type Modules = "esm" | "cjs";

/** The file of the training by kind of module. */
export const programs: Record<Modules, string> = { esm: "train.mjs", cjs: "train.cjs" };

export interface RunOptions {
  /** Default: the project. */
  cwd?: string;
  env?: NodeJS.ProcessEnv;
  /** The Node.js to run. Default: this one. */
  node?: string;
  uid?: number;
}

export interface RunResult {
  status: number | null;
  stdout: string;
  stderr: string;
}

/** Makes an empty project with the programs in it. */
export function makeProject(workplace: Workplace, folder: string): string {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "project", private: true }));
  for (const program of Object.values(programs))
    copyFileSync(join(workplace.folder, "programs", program), join(folder, program));
  return folder;
}

/** Runs a script in a project, with a PATH on which there is Node.js alone, and the workplace's cache. */
export async function runNode(
  workplace: Workplace,
  project: string,
  script: string[],
  { env, node = process.execPath, uid }: RunOptions = {},
): Promise<RunResult> {
  const child = spawn(node, script, {
    cwd: project,
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      HOME: join(workplace.folder, "home"),
      PATH: bareBin(workplace.tools),
      SNORKEL_TORCH_CACHE: workplace.cache,
      ...env,
    },
    ...(uid === undefined ? {} : { uid, gid: uid }),
  });
  const [stdout, stderr, [status]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, "close") as Promise<[number | null]>,
  ]);
  return { status, stdout, stderr };
}

/** Runs the training of a project, and expects of it what it gave at first. */
export async function train(
  workplace: Workplace,
  project: string,
  modules: Modules,
  options: RunOptions = {},
): Promise<void> {
  const { status, stdout, stderr } = await runNode(workplace, project, [programs[modules]], options);
  assert.equal(stderr.replace(experimentalRequire, ""), "");
  assert.equal(status, 0);
  assert.equal(stdout, workplace.trained);
}

/** What Node.js 22.12 says when `require` is given an ECMAScript module; from 22.13 on it is silent. */
const experimentalRequire =
  /^.*ExperimentalWarning: CommonJS module .* is loading ES Module .*\n.*might change at any time\n.*\n$/;
