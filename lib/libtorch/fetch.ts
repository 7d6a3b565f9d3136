import { mkdirSync, renameSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { cachedFolder, cacheFolder } from "./cache.ts";
import { ChecksumError, type DownloadOptions, download } from "./download.ts";
import { type Attempt, LibTorchFetchError, reasonOf } from "./errors.ts";
import { extractLibTorch } from "./extract.ts";
import { claimPartial, ownPartial, removeAbandoned } from "./partial.ts";
import { pipDownload } from "./pip.ts";
import { muslReason, muslRemedy, usesMusl } from "./platform.ts";
import { type Progress, progressOn } from "./progress.ts";
import { type LibTorch, libTorchVersion, readLibTorch } from "./version.ts";
import { findWheel, type Wheel } from "./wheel-index.ts";

const pytorchIndex = "https://download.pytorch.org/whl/cpu/torch/";

export interface FetchOptions
  extends Partial<Pick<DownloadOptions, "tries" | "retryDelay" | "stallTimeout">> {
  /** The folder to keep LibTorch in. Default: the user's cache. */
  cache?: string;
  /** The page that lists torch's CPU wheels. Default: `SNORKEL_TORCH_INDEX_URL`, else PyTorch's own. */
  indexUrl?: string;
  /** Milliseconds within which the index must answer, before pip is asked instead. Default: 8000. */
  indexTimeout?: number;
  /** Default: on stderr. */
  progress?: Progress;
}

/**
 * Puts the pinned CPU LibTorch into the user's cache, unless it is there: from PyTorch's own index, or through pip where
 * that cannot be reached. Two processes may do so at once.
 *
 * @throws LibTorchFetchError with every source that was tried; ChecksumError when a file is not the one promised.
 */
export async function fetchLibTorch(options: FetchOptions = {}): Promise<LibTorch> {
  const { cache = cacheFolder(), progress = progressOn(process.stderr) } = options;
  if (usesMusl()) throw new LibTorchFetchError(`[libtorch] ${muslReason}`, [], muslRemedy);
  const folder = cachedFolder(cache, libTorchVersion, "cpu");
  const present = readIfPinned(folder);
  if (present) return present;

  mkdirSync(cache, { recursive: true });
  removeAbandoned(cache, "fetch");
  const partial = claimPartial(cache, `wheel-${libTorchVersion}`);
  const work = ownPartial(cache, "fetch");
  mkdirSync(work);
  try {
    const wheel = await obtainWheel(partial, work, progress, options);
    try {
      progress.say(`Extracting LibTorch ${libTorchVersion} to ${folder}`);
      const unpacked = join(work, "unpacked");
      await extractLibTorch(wheel, unpacked);
      checkArrived(readLibTorch(unpacked), wheel);
      return publish(unpacked, folder, join(work, "replaced"));
    } finally {
      rmSync(partial, { force: true });
    }
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** Fetches the wheel; what the first source has sent stays in `partial` when it fails, for the next time. */
async function obtainWheel(
  partial: string,
  work: string,
  progress: Progress,
  options: FetchOptions,
): Promise<string> {
  const indexUrl = new URL(options.indexUrl ?? process.env.SNORKEL_TORCH_INDEX_URL ?? pytorchIndex);
  const attempts: Attempt[] = [];
  try {
    const { name, url, sha256 } = await askIndex(indexUrl, options.indexTimeout ?? 8000);
    await download(url, partial, { ...options, progress, sha256, label: name });
    return partial;
  } catch (error) {
    if (error instanceof ChecksumError) throw error;
    attempts.push({ where: indexUrl.href, reason: reasonOf(error) });
  }
  try {
    progress.say(`${indexUrl.host} does not serve LibTorch here (${attempts[0]?.reason}); asking pip`);
    return await pipDownload(libTorchVersion, work);
  } catch (error) {
    attempts.push({ where: "pip download", reason: reasonOf(error) });
  }
  throw new LibTorchFetchError(
    `[libtorch] expected a source of LibTorch ${libTorchVersion} for cpu, found none:`,
    attempts,
    "Give pip a mirror of https://download.pytorch.org/whl/cpu (pip config set global.extra-index-url URL), or name a " +
      "LibTorch folder in SNORKEL_TORCH_LIBTORCH.",
  );
}

async function askIndex(indexUrl: URL, timeout: number): Promise<Wheel> {
  const response = await fetch(indexUrl, { signal: AbortSignal.timeout(timeout) });
  if (!response.ok) throw new Error(`answered ${response.status}`);
  return findWheel(await response.text(), indexUrl, libTorchVersion);
}

function checkArrived(arrived: LibTorch, wheel: string): void {
  if (isPinned(arrived)) return;
  throw new Error(
    `[libtorch] expected LibTorch ${libTorchVersion} for cpu in ${basename(wheel)}, got ${arrived.version} for ` +
      `${arrived.flavour}. Name another index in SNORKEL_TORCH_INDEX_URL, or a LibTorch folder in SNORKEL_TORCH_LIBTORCH`,
  );
}

/** Moves the folder into its place in one step; where another process was faster, its folder serves as well. */
function publish(unpacked: string, folder: string, replaced: string): LibTorch {
  try {
    renameSync(unpacked, folder);
  } catch {
    const theirs = readIfPinned(folder);
    if (theirs) return theirs;
    renameSync(folder, replaced);
    renameSync(unpacked, folder);
  }
  return readLibTorch(folder);
}

function readIfPinned(folder: string): LibTorch | undefined {
  try {
    const found = readLibTorch(folder);
    return isPinned(found) ? found : undefined;
  } catch {
    return undefined;
  }
}

function isPinned({ version, flavour }: LibTorch): boolean {
  return version === libTorchVersion && flavour === "cpu";
}
