import { randomBytes } from "node:crypto";
import { readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";

/** A cache may be shared by machines and containers, which do not see each other's processes. */
const host = hostname().replace(/[^\w-]/g, "-");

/** What another host has not touched for so long is abandoned. In milliseconds. */
const abandonedAfter = 24 * 60 * 60 * 1000;

/**
 * A path for work in progress. Its name tells which process owns it: what an interrupted process leaves behind, the
 * next one may take over or remove; what belongs to a live process is left alone.
 */
export function ownPartial(folder: string, name: string): string {
  return join(folder, `${name}.${host}.${process.pid}.${randomBytes(4).toString("hex")}.part`);
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
    .filter((file) => file.startsWith(`${name}.`) && isAbandoned(folder, file))
    .map((file) => join(folder, file));
}

function isAbandoned(folder: string, file: string): boolean {
  const [, owner, pid] = /\.([\w-]+)\.(\d+)\.\w+\.part$/.exec(file) ?? [];
  if (owner === undefined) return false;
  if (owner !== host) {
    const touched = statSync(join(folder, file), { throwIfNoEntry: false })?.mtimeMs ?? Date.now();
    return Date.now() - touched > abandonedAfter;
  }
  try {
    process.kill(Number(pid), 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ESRCH";
  }
}
