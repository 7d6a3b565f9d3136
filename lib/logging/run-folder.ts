import { existsSync } from "node:fs";
import { join } from "node:path";
import { expected } from "../errors.ts";
import { makeFolder } from "../files.ts";
import type { LogWriterConfig } from "./log-writer.ts";

/**
 * Makes the folder of one run. A named run may continue in a folder that is there; an unnamed one is named by the
 * clock and never shares a folder: a second run in the same second gets `HH_MM_SS_2/`.
 */
export function makeRunFolder({ logDir, runName }: LogWriterConfig): { runName: string; folder: string } {
  if (typeof logDir !== "string" || logDir === "") throw expected("LogWriter", "a path", "logDir", logDir);
  if (runName !== null && (typeof runName !== "string" || runName === "")) {
    throw expected("LogWriter", "a name or null", "runName", runName);
  }
  const name = runName ?? unusedRunName(logDir, new Date());
  const folder = join(logDir, name);
  makeFolder(folder);
  return { runName: name, folder };
}

function unusedRunName(logDir: string, now: Date): string {
  const date = [now.getFullYear(), now.getMonth() + 1, now.getDate()].map(twoDigits).join("_");
  const time = [now.getHours(), now.getMinutes(), now.getSeconds()].map(twoDigits).join("_");
  let name = `${date}/${time}/`;
  for (let run = 2; existsSync(join(logDir, name)); run += 1) name = `${date}/${time}_${run}/`;
  return name;
}

function twoDigits(value: number): string {
  return String(value).padStart(2, "0");
}
