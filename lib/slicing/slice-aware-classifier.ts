import { checkLoaders } from "../data/data-loader.ts";
import {
  type DataLoader,
  DictDataLoader,
  type DictDataLoaderOptions,
  type DictDataset,
} from "../data/index.ts";
import { expected } from "../errors.ts";
import {
  type ClassifierOptions,
  classifierDefaults,
  type LossFunction,
  MultitaskClassifier,
  Operation,
  type OutputFunction,
  type RemapLabels,
  type ScoreOptions,
  Task,
} from "../model/index.ts";
import { mergeOptions, number } from "../options.ts";
import { type ScoreRow, Scorer, type SliceMembership } from "../scoring/index.ts";
import { nn } from "../torch/index.ts";
import { addSliceLabels } from "./add-slice-labels.ts";
import { convertToSliceTasks, type SliceTaskOptions } from "./convert-to-slice-tasks.ts";
import { sliceLabelKind } from "./slice-names.ts";

export interface SliceAwareClassifierOptions extends ClassifierOptions, SliceTaskOptions {
  /** From the input to a representation, [rows, headDim]. */
  baseArchitecture: nn.Module;
  /** The size of the representation. */
  headDim: number;
  /** The slices. A slice `base`, of all data points, comes by itself. */
  sliceNames: readonly string[];
  /** The field that the architecture takes; "input_data" by default. */
  inputDataKey?: string;
  /** The name of the task, and of its labels; "task" by default. */
  taskName?: string;
  /** How many classes the task has; 2 by default. */
  nClasses?: number;
  /** By default one that gives the accuracy and F1, the macro average of F1 for more than two classes. */
  scorer?: Scorer;
  /** The loss of the task and of its slices; cross-entropy by default. See {@link TaskOptions.lossFunc}. */
  lossFunc?: LossFunction | nn.Module;
  /** By default softmax over dimension 1. */
  outputFunc?: OutputFunction;
}

const where = "SliceAwareClassifier";

/**
 * A classifier that pays attention to slices of its data: for each it learns what is in it, and predicts it by a
 * representation of its own. See {@link convertToSliceTasks}.
 *
 *     const model = new SliceAwareClassifier({ baseArchitecture: trunk, headDim: 16, sliceNames: ["short", "hasLink"] });
 *     const train = model.makeSliceDataloader(dataset, S, { batchSize: 32, shuffle: true });
 *     await new Trainer({ nEpochs: 10 }).fit(model, [train]);
 *     await model.scoreSlices([valid]);
 *
 * @see snorkel.slicing.SliceAwareClassifier
 */
export class SliceAwareClassifier extends MultitaskClassifier {
  /** The task without slices: the architecture and a head. */
  readonly baseTask: Task;
  readonly sliceNames: readonly string[];

  /** @throws TypeError for an option that is missing, unknown or of the wrong kind. */
  constructor(options: SliceAwareClassifierOptions) {
    const { sliceNames, temperature, confidence, device, dataparallel, name, ...given } =
      readOptions(options);
    const baseTask = makeBaseTask(given);
    const tasks = convertToSliceTasks(baseTask, sliceNames, { temperature, confidence });
    super(tasks, { name: name || `${baseTask.name}_sliceaware_classifier`, device, dataparallel });
    this.baseTask = baseTask;
    this.sliceNames = [...sliceNames];
  }

  /**
   * A loader over a dataset, to which the labels of the slices are added, in place. See {@link addSliceLabels}.
   *
   * @param S - by name of slice, `[n]`: 1 or `true` inside, 0 or `false` outside, -1 where that is not known. A slice
   *   that the model was not made for can be scored, but not trained on.
   * @throws TypeError for a dataset without the task's labels, and for an S that does not fit it; nothing is changed
   *   then.
   */
  makeSliceDataloader(
    dataset: DictDataset,
    S: SliceMembership,
    options: Partial<DictDataLoaderOptions> = {},
  ): DictDataLoader {
    const loader = new DictDataLoader(dataset, options);
    addSliceLabels(loader, this.baseTask, S);
    return loader;
  }

  /**
   * The scores of the task on all data points and on those of each slice, as
   * `spam_slice:short_pred/dataset/split/metric`. All are scores of the task itself; `score` gives those of the slices'
   * own heads.
   *
   * @param options - as of `score`
   */
  scoreSlices(
    loaders: readonly DataLoader[],
    options?: ScoreOptions & { asTable?: false },
  ): Promise<Record<string, number>>;
  scoreSlices(loaders: readonly DataLoader[], options: ScoreOptions & { asTable: true }): Promise<ScoreRow[]>;
  async scoreSlices(
    loaders: readonly DataLoader[],
    options: ScoreOptions & { asTable?: boolean } = {},
  ): Promise<Record<string, number> | ScoreRow[]> {
    checkLoaders(`${where}.scoreSlices`, loaders);
    const labels = loaders.flatMap(({ dataset }: DataLoader) => dataset.labelNames);
    const remapLabels = { ...this.#remapSlices(labels), ...options.remapLabels };
    return this.score(loaders, { ...options, remapLabels } as ScoreOptions & { asTable?: false });
  }

  /** The labels of all slices' predictors are for the task's own head, those of the indicators for none. */
  #remapSlices(labels: readonly string[]): RemapLabels {
    const { name } = this.baseTask;
    const slices = labels.flatMap((label) => {
      const kind = sliceLabelKind(name, label);
      return kind === null ? [] : [[label, kind === "pred" ? name : null]];
    });
    return Object.fromEntries(slices);
  }
}

const defaults = {
  ...classifierDefaults,
  name: "",
  baseArchitecture: undefined,
  headDim: undefined,
  sliceNames: [],
  inputDataKey: "input_data",
  taskName: "task",
  nClasses: 2,
  scorer: undefined,
  lossFunc: undefined,
  outputFunc: undefined,
  temperature: undefined,
  confidence: undefined,
};

function readOptions(options: SliceAwareClassifierOptions) {
  return mergeOptions<SliceAwareClassifierOptions>(where, defaults as never, options);
}

function makeBaseTask(options: Omit<SliceAwareClassifierOptions, "sliceNames">): Task {
  const { baseArchitecture, headDim, inputDataKey = "", taskName = "", lossFunc, outputFunc } = options;
  if (!(baseArchitecture instanceof nn.Module))
    throw expected(where, "a Module", "baseArchitecture", baseArchitecture);
  const nClasses = number(where, "nClasses", options.nClasses, { min: 2, integer: true });
  number(where, "headDim", headDim, { min: 1, integer: true });
  const f1 = nClasses > 2 ? "f1_macro" : "f1";
  return new Task({
    name: taskName,
    modulePool: { base_architecture: baseArchitecture, prediction_head: new nn.Linear(headDim, nClasses) },
    opSequence: [
      new Operation({
        name: "input_op",
        moduleName: "base_architecture",
        inputs: [["_input_", inputDataKey]],
      }),
      new Operation({ name: "head_op", moduleName: "prediction_head", inputs: ["input_op"] }),
    ],
    scorer: options.scorer ?? new Scorer({ metrics: ["accuracy", f1] }),
    lossFunc,
    outputFunc,
  });
}
