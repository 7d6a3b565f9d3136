import { expected } from "../errors.ts";

/** A metric to keep the best model by. */
export interface CheckpointMetric {
  /** Its name among the metrics, `task/dataset/split/metric`. */
  name: string;
  mode: "min" | "max";
}

// Names may hold colons, as those of slice tasks do: only the last one divides.
const form = /^(?<name>[^/]+(?:\/[^/]+){3}):(?<mode>min|max)$/;

/**
 * Reads `task/dataset/split/metric:mode`.
 *
 * @param option the option that the text was given for.
 * @param where whose option it is.
 * @throws TypeError when the name has not four parts, or the mode is neither `min` nor `max`.
 */
export function parseCheckpointMetric(
  option: string,
  text: unknown,
  where = "Checkpointer",
): CheckpointMetric {
  const match = typeof text === "string" ? form.exec(text) : null;
  const { name, mode } = match?.groups ?? {};
  if (name === undefined || (mode !== "min" && mode !== "max")) {
    const what = '"task/dataset/split/metric:mode" with mode "min" or "max"';
    throw expected(where, what, option, text, 'For example "model/all/train/loss:min"');
  }
  return { name, mode };
}

/** True when `value` is strictly better than `best`; NaN never is. */
export function improves({ mode }: CheckpointMetric, value: number, best: number | undefined): boolean {
  if (best === undefined) return !Number.isNaN(value);
  return mode === "min" ? value < best : value > best;
}
