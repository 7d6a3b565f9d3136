import { Presets, SingleBar } from "cli-progress";

/** Shows how far a run is. */
export interface Progress {
  startEpoch(epoch: number, batches: number): void;
  /** Batches of the epoch done so far. */
  update(batch: number): void;
  /** The latest losses and scores, shown beside the bar. */
  report(metrics: Readonly<Record<string, number>>): void;
  stop(): void;
}

/** Shows nothing. */
export const noProgress: Progress = { startEpoch() {}, update() {}, report() {}, stop() {} };

/** A bar on a terminal's standard error, drawn at most ten times a second. */
class TerminalProgress implements Progress {
  #bar: SingleBar | null = null;
  #metrics = "";

  startEpoch(epoch: number, batches: number): void {
    this.stop();
    const format = `Epoch ${epoch}: {bar} {value}/{total} | {duration_formatted}<{eta_formatted} | {metrics}`;
    this.#bar = new SingleBar(
      { format, fps: 10, hideCursor: true, barsize: 20, linewrap: false },
      Presets.shades_classic,
    );
    this.#bar.start(batches, 0, { metrics: this.#metrics });
  }

  update(batch: number): void {
    this.#bar?.update(batch, { metrics: this.#metrics });
  }

  report(metrics: Readonly<Record<string, number>>): void {
    this.#metrics = Object.entries(metrics)
      .map(([name, value]) => `${name}=${Number(value.toPrecision(3))}`)
      .join(", ");
  }

  stop(): void {
    this.#bar?.update({ metrics: this.#metrics });
    this.#bar?.stop();
    this.#bar = null;
  }
}

/** Progress on the terminal where it is wanted and there is one. */
export function createProgress(wanted: boolean): Progress {
  return wanted && process.stderr.isTTY ? new TerminalProgress() : noProgress;
}
