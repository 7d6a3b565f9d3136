import type { Batch } from "./batch.ts";

/** Keeps some batches in the making ahead of the one that is asked for. */
export class ReadAhead {
  readonly #start: () => Promise<Batch | null> | null;
  readonly #count: number;
  #queue: Promise<Batch | null>[] = [];

  /**
   * @param start - starts the next batch, or gives null where there is none to start
   * @param count - how many batches may be in the making, or waiting
   */
  constructor(start: () => Promise<Batch | null> | null, count: number) {
    this.#start = start;
    this.#count = count;
  }

  /** Starts batches until `count` are waiting. */
  fill(count = this.#count): void {
    while (this.#queue.length < count) {
      const started = this.#start();
      if (started === null) return;
      // Who asks for it learns of the failure; until then nobody listens.
      started.catch(() => {});
      this.#queue.push(started);
    }
  }

  /** The batch that has waited longest, in whose place another is started; null if none waits. */
  take(): Promise<Batch | null> | null {
    const taken = this.#queue.shift() ?? null;
    if (taken !== null) this.fill();
    return taken;
  }

  /** Frees what is waiting, as soon as it is made. */
  close(): void {
    for (const waiting of this.#queue) {
      waiting.then(
        (batch) => batch?.dispose(),
        () => {},
      );
    }
    this.#queue = [];
  }
}
