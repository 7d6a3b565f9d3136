import { expected } from "../errors.ts";

/** The slice that holds every data point, and is always there. */
export const baseSlice = "base";

/** What all that belongs to a slice of a task is called by, as in Snorkel: `spam_slice:short`. */
export function sliceStem(taskName: string, sliceName: string): string {
  return `${taskName}_slice:${sliceName}`;
}

/** The label, and the task, of whether a data point is in a slice: `spam_slice:short_ind`. */
export function indicatorName(taskName: string, sliceName: string): string {
  return `${sliceStem(taskName, sliceName)}_ind`;
}

/** The label, and the task, of the base task's labels within a slice: `spam_slice:short_pred`. */
export function predictorName(taskName: string, sliceName: string): string {
  return `${sliceStem(taskName, sliceName)}_pred`;
}

/** Which of the two a label of some slice of a task is; null for any other label. */
export function sliceLabelKind(taskName: string, label: string): "ind" | "pred" | null {
  if (!label.startsWith(sliceStem(taskName, ""))) return null;
  if (label.endsWith("_ind")) return "ind";
  return label.endsWith("_pred") ? "pred" : null;
}

/**
 * The slices, and the base slice behind them, if it is not among them.
 * @throws TypeError for names that are none, that are there twice, or that the names of modules and metrics cannot
 *   hold.
 */
export function withBaseSlice(where: string, sliceNames: unknown): readonly string[] {
  if (!Array.isArray(sliceNames))
    throw expected(where, "an array of slices' names", "sliceNames", sliceNames);
  const names = new Set<string>();
  for (const name of sliceNames) {
    if (typeof name !== "string" || name === "" || /[./]/.test(name)) {
      const remedy = "Dots divide the names of modules, slashes those of metrics";
      throw expected(where, 'names without "." and "/"', "sliceNames", name, remedy);
    }
    if (names.has(name)) throw expected(where, "slices of distinct names", "sliceNames", name);
    names.add(name);
  }
  return [...names.add(baseSlice)];
}
