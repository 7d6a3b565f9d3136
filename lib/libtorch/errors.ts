/** One place or source that was tried, and why it did not serve. */
export interface Attempt {
  where: string;
  reason: string;
}

/** The text of whatever was thrown. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause instanceof Error && error.cause.message ? ` (${error.cause.message})` : "";
  return `${error.message}${cause}`;
}

/** What to do where the disk of the cache has no room. */
export const otherDisk =
  "Free some space, or name another disk: export SNORKEL_TORCH_CACHE=DIR; npx snorkel-torch install";

function listed(summary: string, attempts: readonly Attempt[], remedy: string): string {
  return [summary, ...attempts.map(({ where, reason }) => `  - ${where}: ${reason}`), remedy].join("\n");
}

/** LibTorch or the native code on top of it cannot be loaded: everything that was tried, and what to do. */
export class LibTorchLoadError extends Error {
  override readonly name = "LibTorchLoadError";
  readonly attempts: readonly Attempt[];
  readonly remedy: string;

  constructor(summary: string, attempts: readonly Attempt[], remedy: string, options?: ErrorOptions) {
    super(listed(summary, attempts, remedy), options);
    this.attempts = attempts;
    this.remedy = remedy;
  }
}

/** LibTorch cannot be fetched: every source that was tried, and what to do. */
export class LibTorchFetchError extends Error {
  override readonly name = "LibTorchFetchError";
  readonly attempts: readonly Attempt[];
  readonly remedy: string;

  constructor(summary: string, attempts: readonly Attempt[], remedy: string, options?: ErrorOptions) {
    super(listed(summary, attempts, remedy), options);
    this.attempts = attempts;
    this.remedy = remedy;
  }
}
