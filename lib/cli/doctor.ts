import { Command } from "commander";
import { packageVersion } from "../binary/index.ts";
import { examine, type Finding } from "../doctor/index.ts";
import { bold, dim, green, red, yellow } from "./format.ts";

const marks: Record<Finding["status"], string> = { ok: "✔", warning: "!", failed: "✖", skipped: "-" };
const colours: Record<Finding["status"], (text: string) => string> = {
  ok: green,
  warning: yellow,
  failed: red,
  skipped: dim,
};

export function doctorCommand(): Command {
  return new Command("doctor")
    .description("Says what is set up, and for all that is wrong the command that helps.")
    .option("--json", "print JSON")
    .addHelpText("after", "\nThe exit code is 1 where something is missing that is needed.")
    .action(doctor);
}

async function doctor({ json = false }: { json?: boolean }): Promise<void> {
  const findings: Finding[] = [];
  if (!json) console.log(bold(`snorkel-torch ${packageVersion}`));
  for await (const finding of examine()) {
    findings.push(finding);
    if (!json) console.log(format(finding));
  }
  if (json)
    console.log(JSON.stringify({ version: packageVersion, environment: settings(), findings }, null, 2));
  if (findings.some(({ status }) => status === "failed")) process.exitCode = 1;
}

function format(finding: Finding): string {
  const { check, status, summary, details = [] } = finding;
  const lines = [`${colours[status](marks[status])} ${check.padEnd(9)}  ${summary}`];
  for (const detail of details) lines.push(dim(`             ${detail}`));
  if ("fix" in finding) lines.push(`             ${bold("→")} ${finding.fix}`);
  return lines.join("\n");
}

/** The variables that change what is used. */
function settings(): Record<string, string> {
  const names =
    /^(SNORKEL_TORCH_|XDG_CACHE_HOME$|LD_LIBRARY_PATH$|LD_PRELOAD$|OMP_|MKL_|CUDA_VISIBLE_DEVICES$)/;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => names.test(name))) as Record<
    string,
    string
  >;
}
