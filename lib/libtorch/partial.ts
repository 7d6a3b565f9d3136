import { randomBytes } from "node:crypto";
import { readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";

/**
 * A path for work in progress. Its name tells which process owns it: what an interrupted process leaves behind, the
 * next one may take over or remove; what belongs to a live process is left alone.
 */
export function ownPartial(folder: string, name: string): string {
  return join(folder, `${name}.${process.pid}.${randomBytes(4).toString("hex")}.part`);
}

/** As `ownPartial`, and takes over what a process that is gone has left under the same name. */
export function claimPartial(folder: string, name: string): string {
  const mine = ownPartial(folder, name);
  for (const abandoned of listAbandoned(folder, name)) {
    try {
      renameSync(abandoned, mine);
      return mine;
    } catch {
      // Another process was faster.
    }
  }
  return mine;
}

/** Removes what processes that are gone have left under a name. */
export function removeAbandoned(folder: string, name: string): void {
  for (const path of listAbandoned(folder, name)) rmSync(path, { recursive: true, force: true });
}

function listAbandoned(folder: string, name: string): string[] {
  return readdirSync(folder)
    .filter((file) => file.startsWith(`${name}.`) && isAbandoned(file))
    .map((file) => join(folder, file));
}

function isAbandoned(file: string): boolean {
  const owner = /\.(\d+)\.\w+\.part$/.exec(file)?.[1];
  if (owner === undefined) return false;
  try {
    process.kill(Number(owner), 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ESRCH";
  }
}
