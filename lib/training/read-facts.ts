import { expected } from "../errors.ts";
import { isPlainObject } from "../options.ts";
import type { Tensor } from "../torch/index.ts";
import { fitCallbackNames } from "./fit-callbacks.ts";
import type { TrainingFacts } from "./saved-training.ts";

const isCount = (value: unknown) => Number.isSafeInteger(value) && Number(value) >= 0;
const isText = (value: unknown) => typeof value === "string";
const isListOf = (isElement: (value: unknown) => boolean) => (value: unknown) =>
  Array.isArray(value) && value.every(isElement);
const orNull = (isValue: (value: unknown) => boolean) => (value: unknown) => value === null || isValue(value);

/** What each fact must be like. What is inside of objects is checked by those that go on from them. */
const forms: Record<keyof TrainingFacts, (value: unknown) => boolean> = {
  loaders: isListOf(isPlainObject),
  remapLabels: isPlainObject,
  parameters: isListOf(isText),
  modes: isListOf((mode) => typeof mode === "boolean"),
  epoch: isCount,
  position: isCount,
  due: (value) =>
    isPlainObject(value) &&
    isCount(value.asked) &&
    isListOf((name) => fitCallbackNames.includes(name as never))(value.names),
  checkpoint: orNull(isText),
  history: (value) =>
    isPlainObject(value) && isListOf(isPlainObject)(value.evaluations) && isCount(value.batches),
  logManager: isPlainObject,
  learningRates: (value) => isPlainObject(value) && isListOf(isPlainObject)(value.latest),
  averaging: orNull(isPlainObject),
  checkpointer: orNull(
    (value) =>
      isPlainObject(value) &&
      isPlainObject(value.best) &&
      isPlainObject(value.values) &&
      isListOf(isText)(value.written),
  ),
  earlyStopping: orNull((value) => isPlainObject(value) && isPlainObject(value.marks)),
  losses: isListOf(isText),
  runName: orNull(isText),
  marks: isListOf(isCount),
};

const neededTensors = ["losses/sums", "losses/points", "generators/now/torch", "generators/now/python"];

/** @throws TypeError for facts that are damaged, or tensors that are missing. */
export function checkFacts(where: string, facts: unknown, tensors: Readonly<Record<string, Tensor>>): void {
  if (!isPlainObject(facts)) throw expected(where, "facts of a training", "the file", facts);
  for (const [name, isFit] of Object.entries(forms)) {
    if (!isFit(facts[name]))
      throw expected(where, `the fact "${name}" of a training`, "the file", facts[name]);
  }
  const missing = neededTensors.find((name) => !Object.hasOwn(tensors, name));
  if (missing !== undefined) throw expected(where, `a tensor "${missing}"`, "the file", missing);
}
