import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Modules, type RunOptions, runNode } from "./project.ts";
import { nodeProgram, type ToolName, toolFile } from "./tools.ts";
import type { Workplace } from "./workplace.ts";

interface Manager {
  tool: ToolName;
  /** The arguments that install a package. */
  add: (tarball: string) => string[];
  /** Files of the project that it wants. */
  files?: Record<string, string>;
  /** What Node.js has to be told so that it finds what was installed. */
  nodeOptions?: string;
  /** The release of Node.js to try `require` with, where this one cannot be told. */
  nodeForRequire?: string;
}

const pnpmAdd = (tarball: string) => ["add", "--prefer-offline", tarball];

const yarnBerry = (nodeLinker: string): Manager => ({
  tool: "yarn berry",
  add: (tarball) => ["add", `snorkel-torch@file:${tarball}`],
  files: { ".yarnrc.yml": `nodeLinker: ${nodeLinker}\nenableTelemetry: false\n`, "yarn.lock": "" },
});

const managers = {
  npm: {
    tool: "npm",
    add: (tarball) => ["install", "--no-audit", "--no-fund", "--prefer-offline", tarball],
  },
  "pnpm 10": { tool: "pnpm 10", add: pnpmAdd },
  "pnpm 12": { tool: "pnpm 12", add: pnpmAdd },
  "yarn classic": {
    tool: "yarn classic",
    add: (tarball) => ["add", "--prefer-offline", "--non-interactive", `file:${tarball}`],
  },
  "yarn berry": yarnBerry("node-modules"),
  "yarn berry, Plug'n'Play": {
    ...yarnBerry("pnp"),
    // What `yarn node` sets.
    nodeOptions:
      "--require ./.pnp.cjs --experimental-loader ./.pnp.loader.mjs --disable-warning=ExperimentalWarning",
    // Node.js 20 does not ask a loader for what a module imports that is loaded by `require`.
    nodeForRequire: "24.21.0",
  },
} satisfies Record<string, Manager>;

export type ManagerName = keyof typeof managers;
export const managerNames = Object.keys(managers) as ManagerName[];

/** With which release of Node.js a program runs in a project that a manager has installed, and how. */
export function runOptions(
  { tools }: Workplace,
  name: ManagerName,
  modules: Modules,
): RunOptions & { version: string } {
  const { nodeOptions, nodeForRequire }: Manager = managers[name];
  const env = nodeOptions === undefined ? {} : { NODE_OPTIONS: nodeOptions };
  if (modules === "esm" || nodeForRequire === undefined) return { env, version: process.versions.node };
  return { env, node: nodeProgram(tools, nodeForRequire), version: nodeForRequire };
}

/** Installs the package into a project. There is no compiler, and nothing but registries may be asked. */
export async function install(
  workplace: Workplace,
  project: string,
  name: ManagerName,
  more: string[] = [],
): Promise<string> {
  const { tool, add, files = {} }: Manager = managers[name];
  for (const [file, text] of Object.entries(files)) writeFileSync(join(project, file), text);
  const command = [toolFile(workplace.tools, tool), ...add(workplace.tarball), ...more];
  const { status, stdout, stderr } = /\.c?js$/.test(command[0] ?? "")
    ? await runNode(workplace, project, command, { env: registrySettings() })
    : await runNode(workplace, project, command.slice(1), { env: registrySettings(), node: command[0] });
  assert.equal(status, 0, `${stdout}\n${stderr}`);
  return `${stdout}\n${stderr}`;
}

/** What this machine has set for package managers: registries, proxies, certificates. */
function registrySettings(): NodeJS.ProcessEnv {
  const isSetting = (name: string) =>
    /^(npm_config_|https?_proxy$|no_proxy$|NODE_EXTRA_CA_CERTS$|SSL_CERT_)/i.test(name);
  const isOfThisRun = (name: string) =>
    /^npm_config_(prefix|local_prefix|global_prefix|noproxy|init_module|user_agent|node_gyp|globalconfig)$/i.test(
      name,
    );
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => isSetting(name) && !isOfThisRun(name)),
  );
}
