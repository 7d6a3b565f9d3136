import { Presets, SingleBar } from "cli-progress";

/** Shows how many data points are done. */
export interface Progress {
  update(done: number): void;
  stop(): void;
}

/**
 * Progress where it is wanted and the stream is a terminal: a bar, or a count where nobody knows the total. Drawn at
 * most ten times a second.
 */
export function createProgress(
  wanted: boolean,
  total: number | undefined,
  stream: NodeJS.WriteStream = process.stderr,
): Progress {
  if (!wanted || !stream.isTTY) return { update() {}, stop() {} };
  const format =
    total === undefined
      ? "{value} data points | {duration_formatted}"
      : "{bar} {value}/{total} data points | {duration_formatted}<{eta_formatted}";
  const options = { format, stream, fps: 10, hideCursor: true, barsize: 20, linewrap: false };
  const bar = new SingleBar(options, Presets.shades_classic);
  bar.start(total ?? 0, 0);
  return { update: (done) => bar.update(done), stop: () => bar.stop() };
}
