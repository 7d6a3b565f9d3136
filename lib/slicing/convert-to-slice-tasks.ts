import { expected } from "../errors.ts";
import { Operation, Task } from "../model/index.ts";
import { mergeOptions } from "../options.ts";
import { Scorer } from "../scoring/index.ts";
import { nn } from "../torch/index.ts";
import { SliceCombinerModule, type SliceCombinerOptions } from "./slice-combiner-module.ts";
import { indicatorName, predictorName, sliceStem, withBaseSlice } from "./slice-names.ts";

/** How the slices' representations are weighed: see {@link SliceCombinerOptions}. */
export type SliceTaskOptions = Partial<Pick<SliceCombinerOptions, "temperature" | "confidence">>;

const where = "convertToSliceTasks";

/**
 * Makes the tasks of a slice-aware model out of one task. The last operation of that task has to be a linear head. Each
 * slice, and the slice `base` of all data points, gets
 *
 * - an indicator, the task `spam_slice:short_ind`, which learns whether a data point is in the slice;
 * - a predictor, the task `spam_slice:short_pred`, which learns the base task on the slice alone: a linear layer of its
 *   own, whose output is the slice's representation, and a head that all predictors share.
 *
 * In front of the task's own head, the representations are combined by a {@link SliceCombinerModule}: that is the last
 * task, under the name of the base task. Predictors and the last task have the loss, the output function and the scorer
 * of the base task.
 *
 * The base task and its modules stay as they are, and are shared.
 *
 * @returns the indicators, the predictors, and the task of the base task's name
 * @throws TypeError for a task whose head is no linear layer of at least two outputs, and for names that are unfit.
 * @see snorkel.slicing.convert_to_slice_tasks
 */
export function convertToSliceTasks(
  baseTask: Task,
  sliceNames: readonly string[],
  options: SliceTaskOptions = {},
): Task[] {
  const weighing = mergeOptions<SliceTaskOptions>(
    where,
    { temperature: undefined, confidence: undefined },
    options,
  );
  const slices = withBaseSlice(where, sliceNames);
  const base = readBase(baseTask);
  const indicators = slices.map((slice) => indicatorTask(base, slice));
  const sharedHead = new nn.Linear(base.features, base.classes);
  const predictors = slices.map((slice) => predictorTask(base, slice, sharedHead));
  const stems = slices.map((slice) => sliceStem(baseTask.name, slice));
  const combiner = new SliceCombinerModule({ ...weighing, slices: stems });
  return [...indicators, ...predictors, masterTask(base, [...indicators, ...predictors], combiner)];
}

/** A base task, taken apart. */
interface Base {
  task: Task;
  head: nn.Module;
  /** The one input of the head, which all slices read. */
  input: Operation["inputs"];
  /** The modules and operations in front of the head. */
  modules: Record<string, nn.Module>;
  operations: readonly Operation[];
  features: number;
  classes: number;
}

function readBase(task: unknown): Base {
  if (!(task instanceof Task)) throw expected(where, "a Task", "baseTask", task);
  const { name, inputs, moduleName } = task.head;
  const head = task.modulePool.get(moduleName);
  const { inFeatures, outFeatures } = (head ?? {}) as { inFeatures?: unknown; outFeatures?: unknown };
  const remedy = "Let the last operation run the head alone, and the ones before it the rest";
  if (head === undefined || typeof inFeatures !== "number" || typeof outFeatures !== "number")
    throw expected(where, "an nn.Linear", `the module of the last operation, "${name}"`, head, remedy);
  if (outFeatures < 2) {
    const what = "at least two outputs (for two classes, one for each)";
    throw expected(where, what, `the module of the last operation, "${name}"`, outFeatures);
  }
  if (inputs.length !== 1)
    throw expected(where, "one input", `the last operation, "${name}"`, inputs, remedy);
  if (task.name.includes(".")) throw expected(where, 'a name without "."', "the task", task.name);
  const operations = task.opSequence.slice(0, -1);
  const modules = [...task.modulePool].filter(
    ([key]) => key !== moduleName || operations.some((operation) => operation.moduleName === key),
  );
  const parts = { input: inputs, modules: Object.fromEntries(modules), operations };
  return { task, head, ...parts, features: inFeatures, classes: outFeatures };
}

function indicatorTask({ task, input, modules, operations, features }: Base, slice: string): Task {
  const name = indicatorName(task.name, slice);
  const head = new Operation({ moduleName: `${name}_head`, inputs: input });
  return new Task({
    name,
    modulePool: { ...modules, [head.name]: new nn.Linear(features, 2) },
    opSequence: [...operations, head],
    // Few data points are in a slice, as a rule.
    scorer: new Scorer({ metrics: ["f1"] }),
  });
}

function predictorTask(
  { task, input, modules, operations, features }: Base,
  slice: string,
  head: nn.Module,
): Task {
  const name = predictorName(task.name, slice);
  const transform = new Operation({ moduleName: `${name}_transform`, inputs: input });
  const headOperation = new Operation({ moduleName: `${name}_head`, inputs: [transform.name] });
  return new Task({
    name,
    modulePool: {
      ...modules,
      [transform.name]: new nn.Linear(features, features),
      [headOperation.name]: head,
    },
    opSequence: [...operations, transform, headOperation],
    ...outcomeOf(task),
  });
}

/** Runs everything that the slices run, combines what they give, and then runs the base task's own head. */
function masterTask(base: Base, slices: readonly Task[], combiner: SliceCombinerModule): Task {
  const { task, head, operations } = base;
  const combine = new Operation({ moduleName: `${task.name}_master_combiner` });
  const headOperation = new Operation({ moduleName: `${task.name}_master_head`, inputs: [combine.name] });
  const sliceOperations = slices.flatMap(({ opSequence }) => opSequence.slice(operations.length));
  return new Task({
    name: task.name,
    modulePool: {
      ...Object.assign({}, ...slices.map(({ modulePool }) => Object.fromEntries(modulePool))),
      [combine.name]: combiner,
      [headOperation.name]: head,
    },
    opSequence: [...operations, ...sliceOperations, combine, headOperation],
    ...outcomeOf(task),
  });
}

/** What happens to the output of a task's head. */
function outcomeOf({ kind, threshold, scorer, ...task }: Task) {
  const { lossFunc, lossModule, outputFunc, classWeights, sampleWeights } = task;
  return {
    ...{ kind, threshold, scorer, outputFunc },
    lossFunc: lossModule ?? lossFunc,
    classWeights: classWeights?.tolist() as number[] | undefined,
    sampleWeights: sampleWeights ?? undefined,
  };
}
