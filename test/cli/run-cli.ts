import { spawn } from "node:child_process";
import { once } from "node:events";
import { devNull } from "node:os";
import { resolve } from "node:path";
import { text } from "node:stream/consumers";

const root = resolve(import.meta.dirname, "../..");
const tsx = import.meta.resolve("tsx");

export interface CliRun {
  status: number | null;
  stdout: string;
  stderr: string;
}

export interface CliOptions {
  env?: NodeJS.ProcessEnv;
  cwd?: string;
  /** Arguments of Node. */
  node?: string[];
  uid?: number;
}

/** Runs the command line from the sources, in a process of its own. */
export async function runCli(cliArguments: readonly string[], options: CliOptions = {}): Promise<CliRun> {
  const { env = process.env, cwd = root, node = [], uid } = options;
  const command = [...node, "--import", tsx, resolve(root, "lib/cli.ts"), ...cliArguments];
  const child = spawn(process.execPath, command, { cwd, env, uid, stdio: ["ignore", "pipe", "pipe"] });
  const [stdout, stderr, [status]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, "close"),
  ]);
  return { status, stdout, stderr };
}

/** An environment in which there is no LibTorch, no Python, and no index. */
export function bareEnvironment(cache: string, more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  const { SystemRoot, TMPDIR, HOME } = process.env;
  return {
    SystemRoot,
    TMPDIR,
    HOME,
    PATH: "",
    PIP_CONFIG_FILE: devNull,
    PIP_NO_INDEX: "1",
    SNORKEL_TORCH_CACHE: cache,
    ...more,
  };
}
