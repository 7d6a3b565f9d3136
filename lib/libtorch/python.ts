import { spawnSync } from "node:child_process";

const names = process.platform === "win32" ? ["python", "py", "python3"] : ["python3", "python"];

/** The command that starts the active Python 3. */
export function findPython(environment: NodeJS.ProcessEnv = process.env): string | undefined {
  return names.find(
    (name) => runPython(name, "import sys; sys.exit(sys.version_info < (3, 8))", environment).ok,
  );
}

/**
 * The folder of the active Python's `torch`, found without importing it.
 *
 * @throws Error that says what is missing.
 */
export function findTorchOfPython(environment: NodeJS.ProcessEnv = process.env): string {
  const python = findPython(environment);
  if (python === undefined) throw new Error(`neither ${names.join(" nor ")} runs`);
  // The empty entry of sys.path, the working directory, may hold a folder that happens to be called torch.
  const code = [
    "import importlib.util, sys",
    "sys.path = [path for path in sys.path if path]",
    "spec = importlib.util.find_spec('torch')",
    "print(spec.submodule_search_locations[0] if spec else '')",
  ].join("\n");
  const { ok, output } = runPython(python, code, environment);
  if (!ok || output === "") throw new Error(`${python} has no torch`);
  return output;
}

function runPython(command: string, code: string, env: NodeJS.ProcessEnv): { ok: boolean; output: string } {
  const run = spawnSync(command, ["-c", code], { encoding: "utf8", env, timeout: 10_000 });
  return { ok: run.status === 0, output: run.stdout?.trim() ?? "" };
}
