import { createHash } from "node:crypto";
import { createReadStream, createWriteStream, rmSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { pipeline } from "node:stream/promises";
import { setTimeout as delay } from "node:timers/promises";
import { LibTorchFetchError, otherDisk, reasonOf } from "./errors.ts";
import type { Progress } from "./progress.ts";

export interface DownloadOptions {
  sha256?: string;
  progress: Progress;
  label: string;
  /** After how many tries in a row that brought nothing new to give up. Default: 5. */
  tries?: number;
  /** Milliseconds before the second such try; doubled for each further one. Default: 1000. */
  retryDelay?: number;
  /** Milliseconds without a byte after which a try has failed. There is no limit on the whole. Default: 30000. */
  stallTimeout?: number;
}

/** What arrived is not what the index promised. Another try, or another source, would hide a fault worth knowing. */
export class ChecksumError extends Error {
  override readonly name = "ChecksumError";
}

/** An answer that another try would get again, such as 404. */
class RefusedError extends Error {}

/**
 * Downloads into a file, going on where the file ends, trying again after a failure, and checking the whole at the end.
 *
 * @throws ChecksumError when the file is not the one promised; Error with the last failure where further tries bring nothing.
 */
export async function download(url: URL, file: string, options: DownloadOptions): Promise<void> {
  const { tries = 5, retryDelay = 1000, sha256, progress } = options;
  let resumedFrom = sizeOf(file);
  let furthest = resumedFrom;
  for (let attempt = 1; ; attempt++) {
    try {
      await transfer(url, file, options);
      if (sha256 === undefined || (await hashOf(file)) === sha256) return;
      rmSync(file, { force: true });
      if (resumedFrom === 0)
        throw new ChecksumError(
          `[libtorch] expected SHA-256 ${sha256} for ${url}, got another. Run the command again, or from another network.`,
        );
      resumedFrom = 0;
      throw new Error("what an earlier download left does not belong to it");
    } catch (error) {
      if (error instanceof ChecksumError || error instanceof RefusedError) throw error;
      if (isOfDisk(error)) throw cannotWrite(file, error);
      if (sizeOf(file) > furthest) attempt = 0;
      furthest = Math.max(furthest, sizeOf(file));
      if (attempt >= tries)
        throw new Error(`gave up after ${tries} tries that brought nothing: ${reasonOf(error)}`, {
          cause: error,
        });
      progress.say(`${options.label}: ${reasonOf(error)}; trying again`);
      await delay(retryDelay * 2 ** (attempt - 1));
    }
  }
}

/** Whether the fault is of the disk that is written to: no other source would help. */
function isOfDisk(error: unknown): boolean {
  return (
    error instanceof Error && "code" in error && /^(ENOSPC|EDQUOT|EROFS|EACCES)$/.test(String(error.code))
  );
}

function cannotWrite(file: string, error: unknown): LibTorchFetchError {
  return new LibTorchFetchError(
    `[libtorch] expected to write to ${dirname(file)}, got ${reasonOf(error)}`,
    [],
    otherDisk,
    { cause: error },
  );
}

/** One try: asks for what the file lacks and appends it. */
async function transfer(url: URL, file: string, options: DownloadOptions): Promise<void> {
  const { progress, label, stallTimeout = 30_000 } = options;
  const have = sizeOf(file);
  const stall = new AbortController();
  const timer = setTimeout(
    () => stall.abort(new Error(`no data for ${stallTimeout / 1000} s`)),
    stallTimeout,
  );
  try {
    const headers: Record<string, string> = { "accept-encoding": "identity" };
    if (have > 0) headers.range = `bytes=${have}-`;
    const response = await fetch(url, { headers, signal: stall.signal });
    if (response.status === 416) return; // Nothing lies beyond what the file has.
    if (!response.ok || response.body === null) {
      const isFinal =
        response.status >= 400 && response.status < 500 && ![408, 429].includes(response.status);
      throw new (isFinal ? RefusedError : Error)(`${url} answered ${response.status}`);
    }
    const start = response.status === 206 ? have : 0;
    const length = Number(response.headers.get("content-length"));
    progress.start(label, length > 0 ? start + length : undefined);
    let done = start;
    const count = async function* (chunks: AsyncIterable<Uint8Array>) {
      for await (const chunk of chunks) {
        timer.refresh();
        done += chunk.length;
        progress.update(done);
        yield chunk;
      }
    };
    await pipeline(response.body, count, createWriteStream(file, { flags: start > 0 ? "a" : "w" }));
    if (length > 0 && done !== start + length)
      throw new Error(`ended after ${done} of ${start + length} bytes`);
  } finally {
    clearTimeout(timer);
    progress.stop();
  }
}

/** The bytes of a file; 0 where there is none. */
export function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}

/** The SHA-256 of a file. */
export async function hashOf(file: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(file), hash);
  return hash.digest("hex");
}
