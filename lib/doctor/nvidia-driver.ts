import { spawnSync } from "node:child_process";

/** NVIDIA's driver, as its own program describes it. */
export interface NvidiaDriver {
  version: string;
  /** The newest CUDA that it runs: `13.0`. */
  cuda: string;
  devices: string[];
}

/** Asks `nvidia-smi`, which comes with the driver. @returns the driver, or why there is none. */
export function askNvidiaDriver(): NvidiaDriver | string {
  const query = run(["--query-gpu=driver_version,name,memory.total", "--format=csv,noheader"]);
  if (typeof query === "string") return query;
  const rows = query.output.split("\n").filter((line) => line.includes(","));
  const devices = rows.map((line) => line.split(", ").slice(1).join(", "));
  const [version = "unknown"] = rows[0]?.split(", ", 1) ?? [];
  const overview = run([]);
  const cuda =
    typeof overview === "string" ? undefined : /CUDA Version: *([\d.]+)/.exec(overview.output)?.[1];
  return { version, cuda: cuda ?? "unknown", devices };
}

function run(programArguments: string[]): { output: string } | string {
  const { error, status, stdout, stderr } = spawnSync("nvidia-smi", programArguments, {
    encoding: "utf8",
    timeout: 20_000,
  });
  if (error) return "no NVIDIA driver answers (nvidia-smi does not run)";
  if (status === 0) return { output: stdout };
  return `nvidia-smi says: ${(stdout + stderr).trim().split("\n")[0] || `exit code ${status}`}`;
}
