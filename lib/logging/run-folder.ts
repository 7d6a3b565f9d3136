import { join } from "node:path";
import { expected } from "../errors.ts";
import { makeFolder, makeNewFolder } from "../files.ts";
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
  if (runName === null) return makeUnusedFolder(logDir, new Date());
  const folder = join(logDir, runName);
  makeFolder(folder);
  return { runName, folder };
}

/** Another process may be at it in the same second: who makes the folder has it. */
function makeUnusedFolder(logDir: string, now: Date): { runName: string; folder: string } {
  const date = [now.getFullYear(), now.getMonth() + 1, now.getDate()].map(twoDigits).join("_");
  const time = [now.getHours(), now.getMinutes(), now.getSeconds()].map(twoDigits).join("_");
  makeFolder(join(logDir, date));
  for (let run = 1; ; run += 1) {
    const runName = `${date}/${time}${run === 1 ? "" : `_${run}`}/`;
    const folder = join(logDir, runName);
    if (makeNewFolder(folder)) return { runName, folder };
  }
}

function twoDigits(value: number): string {
  return String(value).padStart(2, "0");
}
