import { randomBytes } from "node:crypto";
import { createReadStream, mkdirSync } from "node:fs";
import { type FileHandle, mkdir, open, realpath, rename, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";

/** A file that is about to be written. */
export interface FileToWrite {
  path: string;
  /** Fills the open file and leaves it open. */
  write: (file: FileHandle) => Promise<void>;
}

/**
 * Writes a file so that a reader sees the old one or the new one, never a part: the parent folder is made, `write`
 * fills a temporary file in that folder, which is synced and renamed over `path`. When anything fails the temporary
 * file is removed and what was at `path` stays.
 *
 * @param write fills the open file and leaves it open.
 * @throws Error naming `path` when the disk is full, the folder is not writable, and the like; whatever else `write`
 *   throws, unchanged.
 */
export function writeAtomically(path: string, write: (file: FileHandle) => Promise<void>): Promise<void> {
  return writeTogether([{ path, write }]);
}

/**
 * Writes files of which the last tells what the others are, each as {@link writeAtomically} does. All are written before
 * the first is put in its place. While they are put there the last is missing: it never tells of others than those beside it.
 */
export async function writeTogether(files: readonly FileToWrite[]): Promise<void> {
  const written: { path: string; target: string; temporary: string }[] = [];
  // What is being written, for the error.
  let current = "";
  try {
    for (const { path, write } of files) {
      current = path;
      await mkdir(dirname(path), { recursive: true });
      // Of a link the file is replaced, not the link, and it keeps its permissions.
      const target = await realpath(path).catch(() => path);
      const older = await stat(target).catch(() => null);
      const temporary = `${target}.${randomBytes(4).toString("hex")}.tmp`;
      const file = await open(temporary, "wx");
      written.push({ path, target, temporary });
      try {
        if (older !== null) await file.chmod(older.mode & 0o7777);
        await write(file);
        await file.sync();
      } finally {
        await file.close();
      }
    }
    const last = written.at(-1);
    if (files.length > 1 && last !== undefined) await rm(last.target, { force: true });
    for (const { path, target, temporary } of written) {
      current = path;
      await rename(temporary, target);
    }
  } catch (error) {
    // The first failure is the one to report.
    for (const { temporary } of written) await rm(temporary, { force: true }).catch(() => {});
    throw writeFailure(current, error);
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

/**
 * Makes a folder whose parent is there, unless somebody else has.
 *
 * @returns whether it is new
 * @throws Error naming `path` when it cannot be made.
 */
export function makeNewFolder(path: string): boolean {
  try {
    mkdirSync(path);
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
    throw writeFailure(path, error);
  }
}

/** A text as part of a file's name: what the platform does not allow there becomes `_`, and so does `/`. */
export function fileNameOf(text: string): string {
  return text.replace(process.platform === "win32" ? /[<>:"/\\|?*]/g : /\//g, "_");
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
