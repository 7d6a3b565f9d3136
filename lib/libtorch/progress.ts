import { Presets, SingleBar } from "cli-progress";

/** Tells somebody who waits how far a long transfer is. */
export interface Progress {
  /** One line about what happens next. */
  say(line: string): void;
  start(label: string, totalBytes: number | undefined): void;
  update(bytes: number): void;
  stop(): void;
}

const megabytes = (bytes: number) => Math.round(bytes / 1e6);

/** What is smaller than this is there at once, so that one line will do. */
const smallBytes = 20e6;

/** A bar where the stream is a terminal; elsewhere a plain line for every tenth, or one for a small file. */
export function progressOn(stream: NodeJS.WriteStream): Progress {
  const say = (line: string) => void stream.write(`${line}\n`);
  return stream.isTTY ? new ProgressBar(stream, say) : new ProgressLines(say);
}

class ProgressBar implements Progress {
  readonly say: (line: string) => void;
  readonly #bar: SingleBar;

  constructor(stream: NodeJS.WriteStream, say: (line: string) => void) {
    this.say = say;
    const format = "{label} {bar} {percentage}% of {megabytes} MB, {eta_formatted} left";
    this.#bar = new SingleBar({ stream, format, hideCursor: true }, Presets.shades_classic);
  }

  start(label: string, totalBytes = 0): void {
    this.#bar.start(totalBytes, 0, { label, megabytes: megabytes(totalBytes) });
  }

  update(bytes: number): void {
    this.#bar.update(bytes);
  }

  stop(): void {
    this.#bar.stop();
  }
}

class ProgressLines implements Progress {
  readonly say: (line: string) => void;
  #label = "";
  #total: number | undefined;
  #tenths = 0;

  constructor(say: (line: string) => void) {
    this.say = say;
  }

  start(label: string, totalBytes: number | undefined): void {
    this.#label = label;
    this.#total = totalBytes;
    this.#tenths = 0;
  }

  update(bytes: number): void {
    const total = this.#total ?? 0;
    const tenths = total > 0 ? Math.floor((10 * bytes) / total) : 0;
    if (tenths <= this.#tenths || (total < smallBytes && tenths < 10)) return;
    this.#tenths = tenths;
    this.say(`${this.#label}: ${10 * tenths}% of ${megabytes(total)} MB`);
  }

  stop(): void {}
}
