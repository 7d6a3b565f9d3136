import { mkdirSync, renameSync, rmSync } from "node:fs";
import { statfs } from "node:fs/promises";
import { join } from "node:path";
import { cachedFolder, cacheFolder } from "./cache.ts";
import { LibTorchFetchError, otherDisk, reasonOf } from "./errors.ts";
import { extractedSize, extractLibTorch } from "./extract.ts";
import { claimPartial, ownPartial, removeAbandoned } from "./partial.ts";
import { muslReason, muslRemedy, usesMusl } from "./platform.ts";
import { type Progress, progressOn } from "./progress.ts";
import { type LibTorch, libTorchVersion, readLibTorch } from "./version.ts";

export interface InstallOptions {
  /** The folder to keep LibTorch in. Default: the user's cache. */
  cache?: string;
  /** Whether a LibTorch that is there already is replaced. Default: false. */
  force?: boolean;
  /** Default: on stderr. */
  progress?: Progress;
}

/** A wheel, or an archive of LibTorch, on disk. */
export interface Archive {
  /** What it is called in messages. */
  name: string;
  path: string;
}

/** Where an installation keeps what it works on. */
export interface Workplace {
  cache: string;
  /** A folder that is removed at the end, however it ends. */
  folder: string;
  progress: Progress;
  /** A file that stays when the work is interrupted, for the next time; the next to ask by this name gets it. */
  claim(name: string): string;
  /** @throws LibTorchFetchError if the disk of the cache has not so many bytes left. */
  requireSpace(bytes: number): Promise<void>;
}

/**
 * Puts a LibTorch into a cache in one step: wheels or archives are unpacked into a temporary folder, looked at, and
 * renamed. Two processes may do so at once.
 *
 * @param flavour - the flavour that must come of it, which is not fetched again if it is there; null for any
 * @param obtain - gives the wheels, or the archive
 * @throws LibTorchFetchError if what arrived is not the pinned version, or the cache cannot be written.
 */
export async function installLibTorch(
  flavour: string | null,
  options: InstallOptions,
  obtain: (workplace: Workplace) => Promise<Archive[]>,
): Promise<LibTorch> {
  const { cache = cacheFolder(), force = false, progress = progressOn(process.stderr) } = options;
  if (usesMusl()) throw new LibTorchFetchError(`[libtorch] ${muslReason}`, [], muslRemedy);
  const present =
    flavour === null || force ? undefined : readIfPinned(cachedFolder(cache, libTorchVersion, flavour));
  if (present) return present;

  const folder = makeWorkFolder(cache);
  const claimed: string[] = [];
  const claim = (name: string) => {
    const path = claimPartial(cache, name);
    claimed.push(path);
    return path;
  };
  const requireSpace = (bytes: number) => checkSpace(cache, bytes);
  try {
    const archives = await obtain({ cache, folder, progress, claim, requireSpace });
    // Once it is unpacked, or seen to be wrong, it is of no more use; but it is where only space is lacking.
    let isSpent = true;
    try {
      const sizes = await Promise.all(archives.map(({ path }) => extractedSize(path)));
      isSpent = false;
      await requireSpace(sizes.reduce((sum, size) => sum + size, 0));
      isSpent = true;
      const unpacked = join(folder, "unpacked");
      for (const [i, { name, path }] of archives.entries()) {
        progress.say(`Extracting ${archives.length > 1 ? `${i + 1} of ${archives.length} ` : ""}${name}`);
        await extractLibTorch(path, unpacked);
      }
      const arrived = checkArrived(readArrived(unpacked, archives), archives, flavour);
      return publish(
        unpacked,
        cachedFolder(cache, libTorchVersion, arrived),
        join(folder, "replaced"),
        force,
      );
    } finally {
      if (isSpent) for (const path of claimed) rmSync(path, { force: true });
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function makeWorkFolder(cache: string): string {
  try {
    mkdirSync(cache, { recursive: true });
    removeAbandoned(cache, "fetch");
    const folder = ownPartial(cache, "fetch");
    mkdirSync(folder);
    return folder;
  } catch (error) {
    throw new LibTorchFetchError(
      `[libtorch] expected to write to ${cache}, got ${reasonOf(error)}`,
      [],
      "Name a folder of yours, now and from then on: export SNORKEL_TORCH_CACHE=DIR; npx snorkel-torch install",
      { cause: error },
    );
  }
}

async function checkSpace(cache: string, bytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(cache);
  if (bavail * bsize >= bytes) return;
  const gigabytes = (count: number) => `${(count / 1e9).toFixed(1)} GB`;
  throw new LibTorchFetchError(
    `[libtorch] expected ${gigabytes(bytes)} free for ${cache}, got ${gigabytes(bavail * bsize)}`,
    [],
    otherDisk,
  );
}

function readArrived(unpacked: string, archives: readonly Archive[]): LibTorch {
  try {
    return readLibTorch(unpacked);
  } catch (error) {
    throw new LibTorchFetchError(
      `[libtorch] expected LibTorch ${libTorchVersion} for ${process.platform}-${process.arch} in ` +
        `${namesOf(archives)}, which ${reasonOf(error)}`,
      [],
      "Name a wheel of torch or an archive of LibTorch that is for this platform.",
      { cause: error },
    );
  }
}

/** The flavour that arrived. */
function checkArrived(arrived: LibTorch, archives: readonly Archive[], flavour: string | null): string {
  if (arrived.version === libTorchVersion && (flavour === null || arrived.flavour === flavour))
    return arrived.flavour;
  throw new LibTorchFetchError(
    `[libtorch] expected LibTorch ${libTorchVersion}${flavour === null ? "" : ` for ${flavour}`} in ` +
      `${namesOf(archives)}, got ${arrived.version} for ${arrived.flavour}`,
    [],
    "Name another index in SNORKEL_TORCH_INDEX_URL, a file with --from-file, or a LibTorch folder in SNORKEL_TORCH_LIBTORCH.",
  );
}

function namesOf(archives: readonly Archive[]): string {
  return archives.map(({ name }) => name).join(", ");
}

/** Moves the folder into its place in one step; where another process was faster, its folder serves as well. */
function publish(unpacked: string, folder: string, replaced: string, force: boolean): LibTorch {
  try {
    renameSync(unpacked, folder);
  } catch {
    const theirs = force ? undefined : readIfPinned(folder);
    if (theirs) return theirs;
    renameSync(folder, replaced);
    renameSync(unpacked, folder);
  }
  return readLibTorch(folder);
}

function readIfPinned(folder: string): LibTorch | undefined {
  try {
    const found = readLibTorch(folder);
    return found.version === libTorchVersion && folder.endsWith(`-${found.flavour}`) ? found : undefined;
  } catch {
    return undefined;
  }
}
