import { expected, messageOf } from "../errors.ts";
import { isPlainObject } from "../options.ts";
import { end } from "./shuffle-buffer.ts";
import type { StreamDataLoader } from "./stream-data-loader.ts";
import type { Example } from "./types.ts";

/** Reads the source of a stream once, item by item. */
export class StreamReader {
  readonly #loader: StreamDataLoader;
  readonly #cancel = new AbortController();
  #iterator: AsyncIterator<unknown> | Iterator<unknown> | null = null;
  #isEnded = false;
  #count = 0;

  constructor(loader: StreamDataLoader) {
    this.#loader = loader;
  }

  /**
   * The next item; the first opens the source.
   * @throws Error where the source fails, or gives something other than a pair of features and labels.
   */
  async next(): Promise<Example | typeof end> {
    if (this.#isEnded) return end;
    const item = await this.#read();
    if (item === end) return end;
    const [xDict, yDict] = Array.isArray(item) ? item : [];
    if (isPlainObject(xDict) && isPlainObject(yDict)) return item as unknown as Example;
    this.close();
    throw expected(`${this.#loader}`, "a pair [xDict, yDict]", `item ${this.#count} of source`, item);
  }

  /** Tells the source that no more will be read. Does not wait for it: it may be waiting itself. */
  close(): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#cancel.abort();
    this.#return().catch((error: unknown) => {
      process.emitWarning(`[${this.#loader}] the source failed when it was closed: ${messageOf(error)}`);
    });
  }

  async #read(): Promise<unknown> {
    try {
      this.#iterator ??= await this.#open();
      const { done, value } = await this.#iterator.next();
      // As `for await` does, for the promises that an ordinary iterable may give.
      const item = done ? end : await value;
      if (done) this.#isEnded = true;
      else this.#count++;
      return item;
    } catch (error) {
      if (this.#isEnded) return end;
      this.#isEnded = true;
      const message = `[${this.#loader}] the source failed at item ${this.#count + 1}: ${messageOf(error)}`;
      throw new Error(message, { cause: error });
    }
  }

  async #open(): Promise<AsyncIterator<unknown> | Iterator<unknown>> {
    const source = await this.#loader.options.source({ signal: this.#cancel.signal });
    if (typeof source === "object" && source !== null) {
      if (Symbol.asyncIterator in source) return source[Symbol.asyncIterator]();
      if (Symbol.iterator in source) return source[Symbol.iterator]();
    }
    throw expected("StreamDataLoader", "an iterable or an async iterable", "what source returns", source);
  }

  async #return(): Promise<void> {
    await this.#iterator?.return?.();
  }
}
