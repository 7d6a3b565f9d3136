import { join } from "node:path";
import { download, sizeOf } from "./download.ts";
import { LibTorchFetchError } from "./errors.ts";
import type { FetchOptions } from "./fetch.ts";
import type { Archive, Workplace } from "./install.ts";
import { type LibTorchLock, type LockedFile, lockedFiles } from "./lock.ts";
import { pipDownload } from "./pip.ts";
import { libTorchVersion } from "./version.ts";
import { findWheel, type Wheel } from "./wheel-index.ts";

/** Somewhere that the wheels of a LibTorch may come from. */
export interface Source {
  /** What it is called in messages. */
  where: string;
  /** @throws Error if it does not serve. */
  obtain(workplace: Workplace): Promise<Archive[]>;
}

const pytorchIndex = "https://download.pytorch.org/whl";
const pypiFiles = "https://files.pythonhosted.org";

/** The sources of a flavour, in the order in which to ask. An index that somebody has named comes before the others. */
export function sourcesOf(flavour: string, lock: LibTorchLock, options: FetchOptions): Source[] {
  const locked = lockedFiles(lock, flavour);
  const named = flavour === "cpu" ? (options.indexUrl ?? process.env.SNORKEL_TORCH_INDEX_URL) : undefined;
  if (named) return [index(named, options), pip(flavour, [])];
  if (locked.length > 0) return [files(locked, options), pip(flavour, locked)];
  return flavour === "cpu"
    ? [index(`${pytorchIndex}/cpu/torch/`, options), pip(flavour, [])]
    : [pip(flavour, [])];
}

/** The files of the lock, each from where it says. */
function files(locked: readonly LockedFile[], options: FetchOptions): Source {
  const base = options.filesUrl ?? process.env.SNORKEL_TORCH_FILES_URL ?? pypiFiles;
  const urlOf = ({ url }: LockedFile) => new URL(url.replace(pypiFiles, base.replace(/\/$/, "")));
  return {
    where: base,
    async obtain({ progress, claim, requireSpace }) {
      const parts = locked.map((file) => ({ ...file, path: claim(`wheel-${file.name}`) }));
      await requireSpace(parts.reduce((sum, { size, path }) => sum + Math.max(size - sizeOf(path), 0), 0));
      await checkAnswers(urlOf(locked[0] as LockedFile), options.answerTimeout);
      for (const [i, part] of parts.entries()) {
        const { name, sha256, path } = part;
        const label = parts.length > 1 ? `${i + 1} of ${parts.length} ${name}` : name;
        await download(urlOf(part), path, { ...options, progress, sha256, label });
      }
      return parts;
    },
  };
}

/** A host that cannot be reached shall not be waited for as long as a download is. */
async function checkAnswers(url: URL, timeout = 8000): Promise<void> {
  await fetch(url, { method: "HEAD", signal: AbortSignal.timeout(timeout) });
}

/** The CPU wheel that a page of links lists, with the checksum that stands there. */
function index(page: string, options: FetchOptions): Source {
  const indexUrl = urlOfIndex(page);
  return {
    where: indexUrl.href,
    async obtain({ progress, claim }) {
      const { name, url, sha256 } = await askIndex(indexUrl, options.answerTimeout);
      const path = claim(`wheel-${libTorchVersion}`);
      await download(url, path, { ...options, progress, sha256, label: name });
      return [{ name, path }];
    },
  };
}

function urlOfIndex(page: string): URL {
  if (URL.canParse(page)) return new URL(page);
  throw new LibTorchFetchError(
    `[libtorch] expected the URL of a page for SNORKEL_TORCH_INDEX_URL, got ${JSON.stringify(page)}`,
    [],
    `Name one such as ${pytorchIndex}/cpu/torch/`,
  );
}

async function askIndex(indexUrl: URL, timeout = 8000): Promise<Wheel> {
  const response = await fetch(indexUrl, { signal: AbortSignal.timeout(timeout) });
  if (!response.ok) throw new Error(`answered ${response.status}`);
  return findWheel(await response.text(), indexUrl, libTorchVersion);
}

/** pip, and so the mirrors and proxies that the user has configured. */
function pip(flavour: string, locked: readonly LockedFile[]): Source {
  const extraIndex = flavour === "cpu" ? undefined : `${pytorchIndex}/${flavour}`;
  const requirement = `torch==${libTorchVersion}${process.platform === "linux" || extraIndex ? `+${flavour}` : ""}`;
  return {
    where: "pip download",
    obtain: ({ folder }) => pipDownload({ requirement, locked, extraIndex }, join(folder, "pip")),
  };
}
