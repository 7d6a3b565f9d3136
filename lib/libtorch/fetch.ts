import { ChecksumError, type DownloadOptions } from "./download.ts";
import { type Attempt, LibTorchFetchError, reasonOf } from "./errors.ts";
import { type Archive, type InstallOptions, installLibTorch, type Workplace } from "./install.ts";
import { type LibTorchLock, lockedCudaFlavour, readLock } from "./lock.ts";
import { proxyHint } from "./proxy.ts";
import { type Source, sourcesOf } from "./sources.ts";
import { type LibTorch, libTorchVersion } from "./version.ts";

export interface FetchOptions
  extends InstallOptions,
    Partial<Pick<DownloadOptions, "tries" | "retryDelay" | "stallTimeout">> {
  /** `"cpu"`, the default; `"cuda"` for the CUDA build that is locked; or a CUDA build by its label, such as `"cu126"`. */
  flavour?: string;
  /** The page that lists torch's CPU wheels. Default: `SNORKEL_TORCH_INDEX_URL`, else PyTorch's own. */
  indexUrl?: string;
  /** What serves the files of PyPI. Default: `SNORKEL_TORCH_FILES_URL`, else `https://files.pythonhosted.org`. */
  filesUrl?: string;
  /** Milliseconds within which a host must answer, before the next source is asked instead. Default: 8000. */
  answerTimeout?: number;
  /** Default: the one that came with this package. */
  lock?: LibTorchLock;
}

/**
 * Puts the pinned LibTorch into the user's cache, unless it is there: the files that the lock names, or a wheel of
 * PyTorch's own index, or through pip where those cannot be reached. Two processes may do so at once.
 *
 * @throws LibTorchFetchError with every source that was tried; ChecksumError when a file is not the one promised.
 */
export function fetchLibTorch(options: FetchOptions = {}): Promise<LibTorch> {
  const lock = options.lock ?? readLock();
  const flavour = labelOf(options.flavour ?? "cpu", lock);
  return installLibTorch(flavour, options, (workplace) =>
    obtainFrom(sourcesOf(flavour, lock, options), flavour, workplace),
  );
}

function labelOf(flavour: string, lock: LibTorchLock): string {
  const isCuda = flavour === "cuda" || /^cu\d+$/.test(flavour);
  if (!isCuda && flavour !== "cpu") {
    throw new LibTorchFetchError(
      `[libtorch] expected "cpu", "cuda" or a label such as "cu130" for the flavour, got ${JSON.stringify(flavour)}`,
      [],
      "Run `npx snorkel-torch install --cuda` for the build that this package was made with.",
    );
  }
  if (isCuda && process.platform === "darwin") {
    throw new LibTorchFetchError(
      "[libtorch] expected a platform with CUDA, got macOS",
      [],
      "Run `npx snorkel-torch install`: on macOS LibTorch computes on the CPU.",
    );
  }
  if (flavour !== "cuda") return flavour;
  return (
    lockedCudaFlavour(lock) ?? Object.keys(lock.flavours).find((name) => name.startsWith("cu")) ?? "cuda"
  );
}

/** The files of the first source that serves; what an earlier one has sent stays for the next time. */
async function obtainFrom(
  sources: readonly Source[],
  flavour: string,
  workplace: Workplace,
): Promise<Archive[]> {
  const attempts: Attempt[] = [];
  for (const [i, { where, obtain }] of sources.entries()) {
    try {
      return await obtain(workplace);
    } catch (error) {
      if (error instanceof ChecksumError || error instanceof LibTorchFetchError) throw error;
      attempts.push({ where, reason: reasonOf(error) });
      const next = sources[i + 1];
      if (next)
        workplace.progress.say(
          `${where} does not serve LibTorch here (${reasonOf(error)}); asking ${next.where}`,
        );
    }
  }
  throw new LibTorchFetchError(
    `[libtorch] expected a source of LibTorch ${libTorchVersion} for ${flavour}, found none:`,
    attempts,
    `${proxyHint()}Give pip a mirror of https://download.pytorch.org/whl/${flavour} ` +
      "(pip config set global.extra-index-url URL), or name a file: npx snorkel-torch install --from-file FILE",
  );
}
