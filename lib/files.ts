import { randomUUID } from "node:crypto";
import { createReadStream, mkdirSync } from "node:fs";
import { type FileHandle, mkdir, open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";

/**
 * Writes a file so that a reader sees the old one or the new one, never a part: the parent folder is made, `write`
 * fills a temporary file in that folder, which is synced and renamed over `path`. When anything fails the temporary
 * file is removed and what was at `path` stays.
 *
 * @param write fills the open file and leaves it open.
 * @throws Error naming `path` when the disk is full, the folder is not writable, and the like; whatever else `write`
 *   throws, unchanged.
 */
export async function writeAtomically(
  path: string,
  write: (file: FileHandle) => Promise<void>,
): Promise<void> {
  const temporary = `${path}.${randomUUID()}.tmp`;
  try {
    await mkdir(dirname(path), { recursive: true });
    const file = await open(temporary, "wx");
    try {
      await write(file);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    // The first failure is the one to report.
    await rm(temporary, { force: true }).catch(() => {});
    throw writeFailure(path, error);
  }
}

/** Writes text as {@link writeAtomically} does, in UTF-8. */
export function writeTextAtomically(path: string, text: string): Promise<void> {
  return writeAtomically(path, (file) => file.writeFile(text));
}

/** Copies a file as {@link writeAtomically} does. */
export function copyAtomically(from: string, to: string): Promise<void> {
  return writeAtomically(to, (file) => file.writeFile(createReadStream(from)));
}

/**
 * Makes a folder and its parents; one that is there already is fine.
 *
 * @throws Error naming `path` when it cannot be made.
 */
export function makeFolder(path: string): void {
  try {
    mkdirSync(path, { recursive: true });
  } catch (error) {
    throw writeFailure(path, error);
  }
}

const remedies: Record<string, string> = {
  ENOSPC: "Free some space on that disk, or write elsewhere",
  EDQUOT: "Free some of your quota, or write elsewhere",
  EACCES: "Check the permissions of the folder, or write elsewhere",
  EPERM: "Check the permissions of the folder, or write elsewhere",
  EROFS: "The file system is read-only: write elsewhere",
};

/** What to throw when writing to `path` failed: a system error becomes one that names the path, any other stays. */
export function writeFailure(path: string, error: unknown): unknown {
  if (!(error instanceof Error && "code" in error && "syscall" in error)) return error;
  const remedy = remedies[String(error.code)] ?? "Check the path";
  const message = `[files] expected to write ${JSON.stringify(path)}, got ${error.message}. ${remedy}`;
  return new Error(message, { cause: error });
}
