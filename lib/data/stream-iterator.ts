import { expected } from "../errors.ts";
import type { Batch } from "./batch.ts";
import type { BatchIterator } from "./data-loader.ts";
import { ReadAhead } from "./read-ahead.ts";
import { drawSeed } from "./samplers.ts";
import { end, ShuffleBuffer } from "./shuffle-buffer.ts";
import { disposeTensors, streamBatch } from "./stream-batch.ts";
import type { StreamDataLoader } from "./stream-data-loader.ts";
import { StreamReader } from "./stream-reader.ts";
import type { Example } from "./types.ts";

/**
 * One pass over a stream. Batches are made one after the other, at most `prefetch` of them ahead of the one in use.
 *
 * Making it draws what PyTorch's `iter(loader)` draws for an iterable dataset, shuffled by a buffer or not.
 */
export class StreamIterator implements BatchIterator {
  /** Whatever is drawn for a pass is drawn when it is opened. */
  readonly isSettled = true;
  readonly #loader: StreamDataLoader;
  readonly #reader: StreamReader;
  readonly #buffer: ShuffleBuffer<Example> | null;
  readonly #ahead: ReadAhead;
  /** Settles when the batch before is made: the source is asked for one thing at a time. */
  #last: Promise<unknown> = Promise.resolve();
  #started = 0;
  #examples = 0;
  #isClosed = false;

  constructor(loader: StreamDataLoader) {
    const { shuffleBuffer, prefetch, generator } = loader.options;
    this.#loader = loader;
    this.#reader = new StreamReader(loader);
    this.#buffer = shuffleBuffer > 0 ? new ShuffleBuffer(this.#reader, shuffleBuffer, generator) : null;
    this.#ahead = new ReadAhead(() => this.#startNext(), prefetch);
    // PyTorch draws a seed for worker processes here, even where there are none.
    drawSeed(generator);
  }

  next(): Promise<Batch | null> | null {
    this.#ahead.fill(this.#loader.options.prefetch + 1);
    return this.#ahead.take();
  }

  exhaust(): void {}

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#reader.close();
    this.#ahead.close();
    this.#free(this.#buffer?.drain() ?? []);
  }

  #startNext(): Promise<Batch | null> | null {
    const { length } = this.#loader.options;
    if (this.#isClosed || this.#started === length) return null;
    const number = this.#started++;
    const batch = this.#last.then(() => this.#make(number));
    this.#last = batch;
    if (this.#started === length) batch.then(() => this.#checkEnd()).catch(() => {});
    return batch;
  }

  async #make(number: number): Promise<Batch | null> {
    const { batchSize, dropLast, length } = this.#loader.options;
    const wanted = batchSize ?? 1;
    const items: Example[] = [];
    try {
      await this.#read(items, wanted);
      if (this.#isClosed) return null;
      if (items.length === 0 || (dropLast && items.length < wanted)) {
        if (length === null) return null;
        throw expected(`${this.#loader}`, `${length} batches, as its length says,`, "the source", number);
      }
      const batch = await streamBatch(this.#loader, items, this.#examples);
      items.length = 0;
      this.#examples += batch.size;
      return batch;
    } catch (error) {
      this.#reader.close();
      throw error;
    } finally {
      this.#free(items);
    }
  }

  async #read(items: Example[], count: number): Promise<void> {
    while (items.length < count) {
      const item = await (this.#buffer ?? this.#reader).next();
      if (item === end) return;
      items.push(item);
    }
  }

  /** Looks whether the source has another batch, which nobody would train on, and ends it. */
  async #checkEnd(): Promise<void> {
    const { batchSize, dropLast, length } = this.#loader.options;
    const wanted = dropLast ? (batchSize ?? 1) : 1;
    const more: Example[] = [];
    await this.#read(more, wanted);
    const isLonger = more.length === wanted;
    this.#free(more);
    this.#reader.close();
    if (isLonger)
      warnOnce(
        this.#loader,
        `[${this.#loader}] the source has more than the ${length} batches of its length. The rest is not read`,
      );
  }

  #free(items: Example[]): void {
    if (this.#loader.options.ownsTensors) disposeTensors(items, null);
  }
}

const warned = new WeakSet<StreamDataLoader>();

function warnOnce(loader: StreamDataLoader, message: string): void {
  if (!warned.has(loader)) process.emitWarning(message);
  warned.add(loader);
}
