import { readFileSync } from "node:fs";
import { join } from "node:path";

/** A file of a package index whose contents are known. */
export interface LockedFile {
  name: string;
  url: string;
  sha256: string;
  /** In bytes. */
  size: number;
}

/** What `libtorch.lock.json` says. */
export interface LibTorchLock {
  version: string;
  /** By flavour, then by platform (`linux-x64`): the wheels that make up a LibTorch, that of torch first. */
  flavours: Record<string, Record<string, LockedFile[]>>;
}

/** The files of the pinned LibTorch that were there when this package was published. `scripts/lock-libtorch.ts` writes them. */
export function readLock(): LibTorchLock {
  return JSON.parse(readFileSync(join(import.meta.dirname, "../../libtorch.lock.json"), "utf8"));
}

/** The locked files of a flavour for this platform; none where the lock has none. */
export function lockedFiles(lock: LibTorchLock, flavour: string): LockedFile[] {
  return lock.flavours[flavour]?.[`${process.platform}-${process.arch}`] ?? [];
}

/** The CUDA flavour that the lock has for this platform. */
export function lockedCudaFlavour(lock: LibTorchLock): string | undefined {
  return Object.keys(lock.flavours).find(
    (flavour) => flavour.startsWith("cu") && lockedFiles(lock, flavour).length > 0,
  );
}
