// Runs hostile-child.ts over all operators, and again from the next call after each crash.
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface HostileReport {
  operators: number;
  results: number;
  errors: number;
  /** "SIGSEGV in torch.foo(...)" */
  crashes: string[];
}

const child = join(import.meta.dirname, "hostile-child.ts");
/** A call that takes longer than this hangs. */
const patience = 60_000;

/** @param parallel - children at a time */
export async function runHostile(cases: number, parallel = 2): Promise<HostileReport> {
  const report: HostileReport = { operators: Number.POSITIVE_INFINITY, results: 0, errors: 0, crashes: [] };
  const folder = mkdtempSync(join(tmpdir(), "hostile-"));
  // Few calls: few children, as starting one takes a second or two.
  const batch = cases < 10 ? 600 : 60;
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < report.operators) {
      const from = next;
      next += batch;
      await runBatch(report, join(folder, `${from}.log`), from, from + batch, cases);
    }
  };
  try {
    await Promise.all(Array.from({ length: parallel }, work));
  } finally {
    rmSync(folder, { recursive: true });
  }
  return report;
}

async function runBatch(
  report: HostileReport,
  log: string,
  from: number,
  to: number,
  cases: number,
): Promise<void> {
  let position = [from, 0] as [number, number];
  for (;;) {
    const end = await runChild([log, position[0], to, cases, position[1]].map(String));
    const lines = readFileSync(log, "utf8").trimEnd().split("\n");
    const last = lines.at(-1) ?? "";
    report.operators = Number(lines[0]?.split(" ")[1]);
    if (last.startsWith("done")) {
      report.results += Number(last.split(" ")[1]);
      report.errors += Number(last.split(" ")[2]);
      return;
    }
    const [, subject, number, ...call] = last.split(" ");
    if (subject === undefined || number === undefined || call.length === 0) {
      throw new Error(`[hostile] the child ended before its first call: ${end}`);
    }
    report.crashes.push(
      `${end.startsWith("exit") ? end : end.split("\n")[0]} in case ${number} of ${call.join(" ")}`,
    );
    position = Number(number) + 1 < cases ? [Number(subject), Number(number) + 1] : [Number(subject) + 1, 0];
    if (position[0] >= to) return;
  }
}

/** How it ended: "exit 0", or a signal and what it said. */
function runChild(args: string[]): Promise<string> {
  const node = [process.execPath, "--import", "tsx", child, ...args];
  // A limit on data keeps an allocation of the whole machine an error; Node reserves too much for a limit on addresses.
  const command =
    process.platform === "linux"
      ? ["sh", "-c", 'ulimit -d 3000000; ulimit -c 0; exec "$@"', "sh", ...node]
      : node;
  return new Promise((resolve) => {
    const [program = "", ...rest] = command;
    const running = spawn(program, rest, {
      stdio: ["ignore", "ignore", "pipe"],
      env: { ...process.env, OMP_NUM_THREADS: "1" },
    });
    let said = "";
    running.stderr.on("data", (data: Buffer) => {
      said = (said + data).slice(-2000);
    });
    let size = -1;
    const watch = setInterval(() => {
      const now = readFileSync(args[0] as string, { flag: "a+" }).length;
      if (now === size) running.kill("SIGKILL");
      size = now;
    }, patience);
    running.on("close", (code, signal) => {
      clearInterval(watch);
      resolve(`${signal === "SIGKILL" ? "a hang" : (signal ?? `exit ${code}`)}\n${said}`);
    });
  });
}
