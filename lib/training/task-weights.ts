import type { DataLoader } from "../data/index.ts";
import { expected, unknownName } from "../errors.ts";
import type { MultitaskClassifier, RemapLabels } from "../model/index.ts";
import { labelsToTasks } from "../model/labels.ts";
import { isPlainObject, number } from "../options.ts";

/** What the losses of labels are multiplied by, by label. */
export type LabelWeights = ReadonlyMap<string, number>;

/** @throws TypeError for something other than weights of at least 0. */
export function checkTaskWeights(
  where: string,
  weights: unknown,
): asserts weights is Readonly<Record<string, number>> {
  if (!isPlainObject(weights)) throw expected(where, "an object of numbers by task", "taskWeights", weights);
  for (const [name, weight] of Object.entries(weights))
    number(where, `taskWeights["${name}"]`, weight, { min: 0 });
}

/**
 * The weights by label: a label's own, or that of the task that it trains.
 * @throws TypeError for a name that is neither a task's nor a label's, naming the nearest.
 */
export function labelWeights(
  weights: Readonly<Record<string, number>>,
  model: MultitaskClassifier,
  loaders: readonly DataLoader[],
  remapLabels: RemapLabels,
): LabelWeights {
  const labels = loaders.flatMap(({ dataset }) => [...dataset.labelNames]);
  const matched = labelsToTasks("Trainer.fit", labels, model.taskNames, remapLabels);
  const known = new Set([...model.taskNames, ...matched.keys()]);
  for (const name of Object.keys(weights)) {
    if (!known.has(name)) throw unknownName("Trainer.fit", "a name of taskWeights", name, known);
  }
  const own = (name: string) => (Object.hasOwn(weights, name) ? weights[name] : undefined);
  return new Map([...matched].map(([label, task]) => [label, own(label) ?? own(task) ?? 1]));
}
