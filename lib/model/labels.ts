import { expected, unknownName } from "../errors.ts";

/** Which task's head a set of labels belongs to, where it is not the one of the same name; null drops the set. */
export type RemapLabels = Readonly<Record<string, string | null>>;

/**
 * Matches labels with tasks: by `remapLabels` first, then by name. A label without a task is left out.
 * @throws TypeError if `remapLabels` names a task that the model does not have.
 */
export function labelsToTasks(
  where: string,
  labelNames: Iterable<string>,
  taskNames: ReadonlySet<string>,
  remapLabels: RemapLabels = {},
): Map<string, string> {
  for (const [label, task] of Object.entries(remapLabels)) {
    if (task === null || taskNames.has(task)) continue;
    if (typeof task !== "string")
      throw expected(where, "a task's name or null", `remapLabels["${label}"]`, task);
    throw unknownName(where, `remapLabels["${label}"]`, task, taskNames);
  }
  const matched = new Map<string, string>();
  for (const label of labelNames) {
    const remapped = remapLabels[label];
    if (remapped !== undefined && Object.hasOwn(remapLabels, label)) {
      if (remapped !== null) matched.set(label, remapped);
    } else if (taskNames.has(label)) {
      matched.set(label, label);
    }
  }
  return matched;
}
