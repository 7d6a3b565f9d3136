import { setImmediate } from "node:timers/promises";

/**
 * Lets timers, signals and other work of the process run, if the last turn of the event loop is some time ago.
 * To be awaited between the pieces of a long computation on the main thread.
 */
export class EventLoop {
  #lastTurn = performance.now();
  readonly #maxBusyMs: number;

  /** @param maxBusyMs - how long the main thread may be kept, in milliseconds */
  constructor(maxBusyMs = 5) {
    this.#maxBusyMs = maxBusyMs;
  }

  async breathe(): Promise<void> {
    if (performance.now() - this.#lastTurn < this.#maxBusyMs) return;
    await setImmediate();
    this.#lastTurn = performance.now();
  }
}
