import { expected } from "../errors.ts";
import { checkName, checkOptionNames, isPlainObject, number, oneOf } from "../options.ts";
import { Scorer } from "../scoring/index.ts";
import { nn, type Tensor, tensor } from "../torch/index.ts";
import { crossEntropyWithProbs, type LossFunction } from "./loss.ts";
import { Operation } from "./operation.ts";
import { presets, type TaskKind, taskKinds } from "./task-kind.ts";

/** From a head's output to what `predict` gives as probabilities. */
export type OutputFunction = (output: Tensor) => Tensor;

/** What a {@link Task} is made of. */
export interface TaskOptions {
  /** The name; a label of the same name trains the task. */
  name: string;
  /** The modules that the operations run, by name. Tasks share a module by giving the very same object. */
  modulePool: Record<string, nn.Module> | nn.ModuleDict;
  /** The operations in the order in which they run; the last one's output goes to the loss. */
  opSequence: readonly Operation[];
  /**
   * What the labels are, from which follow the other options' defaults, and the predictions:
   *
   * | kind | labels | loss | output function | metric | predictions |
   * | --- | --- | --- | --- | --- | --- |
   * | `"classification"` (default) | `[rows]`, classes | cross-entropy | softmax | `accuracy` | the likeliest class |
   * | `"multilabel"` | `[rows, labels]`, 0 or 1 | binary cross-entropy with logits | sigmoid | `f1_micro` | 0 or 1 each |
   * | `"regression"` | `[rows]` or `[rows, n]`, real | mean squared error | none | `mse` | none |
   *
   * A loss of the last two gets labels of the output's shape, where they are as many, and floating ones. A single logit
   * for classes 0 and 1 is a multi-label task of one label.
   */
  kind?: TaskKind;
  /** A label of a multi-label task is predicted where its probability is above this; 0.5 by default. */
  threshold?: number;
  /** By default one with the metric of the kind. */
  scorer?: Scorer;
  /**
   * By default the loss of the kind. It gets the head's output and the labels, of the labelled rows alone. A loss of torch.nn
   * may be given as it is, unless it learns: such a one belongs in the modulePool, and a function that runs it here.
   *
   * Where a row has several labels, those that are -1 do not count in losses of torch.nn that are a mean over labels (binary
   * cross-entropy, squared and absolute errors and the like), nor in a function that gives one value for each label. One that
   * gives a single value gets them as they are.
   *
   * A label of -1 is a missing one, whatever the loss: where a loss has targets of 1 and -1, let the labels be 1 and 0, and
   * give a function that turns them, `(output, labels) => softMarginLoss(output, labels.mul(2).sub(1))`.
   */
  lossFunc?: LossFunction | nn.Module;
  /**
   * One weight a class, of cross-entropy or of `crossEntropyWithProbs`. As in PyTorch, the loss of class labels is the
   * weighted mean, that of probabilities is divided by the number of labelled rows. Of another loss they are a part of it.
   */
  classWeights?: readonly number[];
  /**
   * The field of the batch (`xDict`) that holds one weight a row: the loss is the sum of weight times loss over the number of
   * labelled rows, as in Keras. Of a row with several labels the loss is the mean over those that it has. A `lossFunc` of one's own
   * has to give one value a row, or a label.
   */
  sampleWeights?: string;
  /** By default that of the kind: softmax over dimension 1, for classes. */
  outputFunc?: OutputFunction;
}

const optionNames: readonly (keyof TaskOptions)[] = [
  "name",
  "modulePool",
  "opSequence",
  "kind",
  "threshold",
  "scorer",
  "lossFunc",
  "classWeights",
  "sampleWeights",
  "outputFunc",
];

/**
 * One task of a multi-task model: its path through the modules, its loss, and how it is scored.
 * Source: snorkel/classification/task.py.
 */
export class Task {
  readonly name: string;
  readonly kind: TaskKind;
  readonly threshold: number;
  readonly modulePool: ReadonlyMap<string, nn.Module>;
  readonly opSequence: readonly Operation[];
  readonly scorer: Scorer;
  readonly lossFunc: LossFunction;
  /** The loss where it was given as a module; null otherwise. */
  readonly lossModule: nn.Module | null;
  readonly outputFunc: OutputFunction;
  /** One weight a class, float64; null for none. */
  readonly classWeights: Tensor | null;
  /** The field of one weight a row; null for none. */
  readonly sampleWeights: string | null;

  constructor(options: TaskOptions) {
    if (!isPlainObject(options)) throw expected("Task", "a plain object", "options", options);
    const { name, modulePool, opSequence, kind = "classification", threshold = 0.5 } = options;
    const { classWeights = null, sampleWeights = null } = options;
    checkName("Task", "name", name);
    const where = `Task ${JSON.stringify(name)}`;
    checkOptionNames(where, options, optionNames);
    const preset = presets[oneOf(where, "kind", kind, taskKinds)];
    number(where, "threshold", threshold);
    const { lossFunc = preset.lossFunc, outputFunc = preset.outputFunc } = options;
    const { scorer = new Scorer({ metrics: preset.metrics }) } = options;
    if (!(scorer instanceof Scorer)) throw expected(where, "a Scorer", "scorer", scorer);
    if (typeof outputFunc !== "function") throw expected(where, "a function", "outputFunc", outputFunc);
    this.name = name;
    this.kind = kind;
    this.threshold = threshold;
    this.modulePool = readPool(where, modulePool);
    this.opSequence = readSequence(where, opSequence);
    this.scorer = scorer;
    this.lossFunc = readLoss(where, lossFunc);
    this.lossModule = lossFunc instanceof nn.Module ? lossFunc : null;
    this.outputFunc = outputFunc;
    this.classWeights = readClassWeights(where, classWeights, this.lossFunc);
    if (sampleWeights !== null && typeof sampleWeights !== "string")
      throw expected(where, "the name of a field", "sampleWeights", sampleWeights);
    this.sampleWeights = sampleWeights;
  }

  /** The operation whose output is the task's. */
  get head(): Operation {
    return this.opSequence.at(-1) as Operation;
  }

  toString(): string {
    return `Task(name=${this.name})`;
  }
}

function readLoss(where: string, loss: LossFunction | nn.Module): LossFunction {
  if (!(loss instanceof nn.Module)) {
    if (typeof loss !== "function")
      throw expected(where, "a function or a module of torch.nn", "lossFunc", loss);
    return loss;
  }
  if (loss.parameters().length > 0) {
    const remedy = "Put it into the modulePool, and give a function that runs it";
    throw expected(where, "a loss that learns nothing itself", "lossFunc", loss, remedy);
  }
  return (output, labels) => loss.forward(output, labels) as Tensor;
}

function readClassWeights(where: string, weights: unknown, loss: LossFunction): Tensor | null {
  if (weights === null) return null;
  if (!Array.isArray(weights) || weights.length === 0)
    throw expected(where, "an array of numbers, one a class,", "classWeights", weights);
  for (const [i, weight] of weights.entries()) number(where, `classWeights[${i}]`, weight, { min: 0 });
  if (loss !== nn.functional.crossEntropy && loss !== crossEntropyWithProbs) {
    const remedy = "Put them into lossFunc";
    throw expected(
      where,
      "cross-entropy or crossEntropyWithProbs",
      "lossFunc with classWeights",
      loss,
      remedy,
    );
  }
  return tensor(weights, { dtype: "float64" }).keep();
}

function readPool(where: string, pool: unknown): Map<string, nn.Module> {
  if (pool instanceof nn.ModuleDict) return new Map(pool.namedChildren());
  if (!isPlainObject(pool)) throw expected(where, "an object of modules by name", "modulePool", pool);
  for (const [name, module] of Object.entries(pool)) {
    if (!(module instanceof nn.Module)) throw expected(where, "a Module", `modulePool["${name}"]`, module);
    if (name === "" || name.includes(".")) throw expected(where, "names without dots", "modulePool", name);
  }
  return new Map(Object.entries(pool) as [string, nn.Module][]);
}

function readSequence(where: string, sequence: unknown): readonly Operation[] {
  if (!Array.isArray(sequence) || sequence.length === 0) {
    throw expected(where, "an array of at least one Operation", "opSequence", sequence);
  }
  const names = new Set<string>();
  for (const operation of sequence) {
    if (!(operation instanceof Operation)) throw expected(where, "Operations", "opSequence", operation);
    if (names.has(operation.name)) {
      throw expected(
        where,
        "operations of distinct names",
        "opSequence",
        operation.name,
        "Give one a `name`",
      );
    }
    names.add(operation.name);
  }
  return sequence;
}
