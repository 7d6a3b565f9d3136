import { debuglog } from "node:util";
import { type DataLoader, moveToDevice, type XDict, type YDict } from "../data/index.ts";
import { expected, unknownName } from "../errors.ts";
import { mergeOptions } from "../options.ts";
import type { ScoreRow, Scorer } from "../scoring/index.ts";
import { checkDevice } from "../torch/device.ts";
import { type Dtype, dtypes } from "../torch/dtype.ts";
import type { Program } from "../torch/engine/index.ts";
import { nn, scope } from "../torch/index.ts";
import { type BatchLoss, calculateLoss, type LossOptions } from "./calculate-loss.ts";
import { type ClassifierConfig, type ClassifierOptions, classifierDefaults } from "./classifier-config.ts";
import { type Outputs, runOperations } from "./forward.ts";
import type { RemapLabels } from "./labels.ts";
import type { LossFunction } from "./loss.ts";
import { type ModuleTaskOptions, taskOfModule } from "./module-task.ts";
import type { Operation } from "./operation.ts";
import { Computation, type Precision, weightDtype } from "./precision.ts";
import { type Predictions, type PredictOptions, predict } from "./predict.ts";
import { programOf } from "./program.ts";
import { type ScoreOptions, score } from "./score.ts";
import { loadWeights, matchNames, saveWeights } from "./state-dict.ts";
import { type OutputFunction, Task } from "./task.ts";
import { TaskPool } from "./task-pool.ts";

const log = debuglog("snorkel-torch");

/** The options of the model and of its task. */
export interface FromModuleOptions extends ClassifierOptions, ModuleTaskOptions {}

/**
 * A model of one or more tasks over shared modules.
 * Source: snorkel/classification/multitask_classifier.py.
 */
export class MultitaskClassifier extends nn.Module {
  /** By default the class's name. */
  readonly name: string;
  readonly config: Readonly<ClassifierConfig>;
  /** Where the parameters are: the device that "auto" stands for, spelled out. */
  readonly device: string;
  readonly #pool = new TaskPool();
  readonly #modulePool = new nn.ModuleDict();
  #computation = new Computation();

  /** @throws TypeError for something that is no Task, for two tasks of one name, or where two tasks contradict. */
  constructor(tasks: readonly Task[], options: ClassifierOptions = {}) {
    super();
    if (!Array.isArray(tasks)) throw expected("MultitaskClassifier", "an array of tasks", "tasks", tasks);
    const { name, ...config } = mergeOptions(
      "MultitaskClassifier",
      { name: "", ...classifierDefaults },
      options,
    );
    this.name = name || new.target.name;
    this.config = config;
    this.device = checkDevice("MultitaskClassifier", config.device);
    this.registerModule("module_pool", this.#modulePool);
    for (const task of tasks) this.addTask(task);
    log(`Created ${this} of tasks ${[...this.taskNames].join(", ")} on ${this.device}`);
  }

  /**
   * A model of one task that a module is: it gets the field `input_data` of a batch and gives the task's output.
   *
   *     const model = MultitaskClassifier.fromModule(new nn.Linear(2, 3), { device: "cpu" });
   *
   * In a state dict the module's weights are under `module_pool.net`, as in `module_pool.net.weight`.
   */
  static fromModule(module: nn.Module, options: FromModuleOptions = {}): MultitaskClassifier {
    const { name, device, dataparallel, ...ofTask } = options;
    const task = taskOfModule("MultitaskClassifier.fromModule", module, ofTask);
    return new MultitaskClassifier([task], { name, device, dataparallel });
  }

  /** Adds a task. Its modules are shared with the tasks that hold the same objects, and move to the model's device. */
  addTask(task: Task): void {
    if (!(task instanceof Task))
      throw expected("MultitaskClassifier", "a Task", "tasks", task, "Unrecognized task type");
    this.#pool.add(task);
    for (const [name, module] of task.modulePool) {
      if (!this.#modulePool.has(name)) this.#modulePool.set(name, module);
    }
    this.to({ device: this.device, dtype: this.#computation.dtype ?? undefined });
    task.lossModule?.to(this.device);
  }

  /** In what the model computes: how values are changed on their way through it. @internal */
  get computation(): Computation {
    return this.#computation;
  }

  /**
   * Makes the model compute in a precision, as `TrainerConfig.precision` does: its weights and buffers are turned into
   * its dtype, and every forward pass, training and scoring alike, turns the floating fields of a batch too. Output
   * functions and losses get float32 from a model of 16 bits; `predict` gives float32.
   *
   * It stays so until the next call. `model.to("float32")` goes back.
   */
  setPrecision(precision: Precision): this {
    const dtype = weightDtype("MultitaskClassifier.setPrecision", precision);
    super.to(dtype);
    this.#computation = new Computation(dtype, { isMixed: precision === "bf16-mixed" });
    return this;
  }

  /** Moves the model. With a dtype, the floating fields of batches are turned into it too. */
  override to(target: nn.ModuleTarget | string): this {
    super.to(target);
    const dtype = typeof target === "string" ? target : target.dtype;
    if (dtypes.includes(dtype as Dtype)) this.#computation = new Computation(dtype as Dtype);
    return this;
  }

  /** The tasks by name. */
  get tasks(): ReadonlyMap<string, Task> {
    return this.#pool.tasks;
  }

  /** The names of the tasks. */
  get taskNames(): ReadonlySet<string> {
    return new Set(this.#pool.tasks.keys());
  }

  /** All modules by name, those of every task. */
  get modulePool(): nn.ModuleDict {
    return this.#modulePool;
  }

  /** The operations of each task, by its name. */
  get opSequences(): Record<string, readonly Operation[]> {
    return this.#byTask((task) => task.opSequence);
  }

  /** The loss of each task, by its name. */
  get lossFuncs(): Record<string, LossFunction> {
    return this.#byTask((task) => task.lossFunc);
  }

  /** The output function of each task, by its name. */
  get outputFuncs(): Record<string, OutputFunction> {
    return this.#byTask((task) => task.outputFunc);
  }

  /** The scorer of each task, by its name. */
  get scorers(): Record<string, Scorer> {
    return this.#byTask((task) => task.scorer);
  }

  #byTask<T>(read: (task: Task) => T): Record<string, T> {
    return Object.fromEntries([...this.tasks].map(([name, task]) => [name, read(task)]));
  }

  /** The task of that name. @throws TypeError if there is none, naming the nearest. */
  task(name: string): Task {
    const task = this.tasks.get(name);
    if (task === undefined)
      throw unknownName("MultitaskClassifier.task", "the name of a task", name, this.taskNames);
    return task;
  }

  /**
   * Runs the operations of some tasks on a batch. An operation that several tasks share runs once.
   * @returns the output of each operation by its name, and the batch's fields as `_input_`
   */
  override forward(xDict: XDict, taskNames: Iterable<string>): Outputs {
    if (typeof taskNames !== "object" || taskNames === null)
      throw expected("MultitaskClassifier.forward", "an array of tasks' names", "taskNames", taskNames);
    const fields = this.#computation.inputs(moveToDevice(xDict, this.device));
    const outputs: Outputs = { _input_: fields };
    return this.#computation.run(this.device, () => {
      for (const name of taskNames) runOperations(this.#pool.modules, this.task(name).opSequence, outputs);
      return outputs;
    });
  }

  /**
   * The loss of each task over the labelled rows of a batch. A row is labelled if its label is not -1 (one of its labels,
   * where a row has several). Labels that match no task are ignored.
   *
   * @param options.activeCounts - the labelled rows of each label, where they are known; counted otherwise
   */
  calculateLoss(xDict: XDict, yDict: YDict, options: LossOptions = {}): BatchLoss {
    return this.#computation.run(this.device, () => calculateLoss(this, xDict, yDict, options));
  }

  /**
   * What a training step on batches like this one is, below JavaScript: `console.log(`${model.program(x, y)}`)` lists its
   * instructions. Nothing is trained.
   *
   * @throws Error for a step that cannot be recorded, with the reason.
   */
  program(xDict: XDict, yDict: YDict, options: { remapLabels?: RemapLabels } = {}): Program {
    return programOf(this, xDict, yDict, options.remapLabels ?? {});
  }

  /**
   * Probabilities, gold labels and, if asked, predictions for all rows of a loader, by label. Data without labels are
   * predicted for the tasks that `taskNames` names.
   * Source: MultitaskClassifier.predict of Snorkel.
   */
  predict(loader: DataLoader, options: PredictOptions = {}): Promise<Predictions> {
    return predict(this, loader, options);
  }

  /**
   * The scores of every task on some loaders, as `label/dataset/split/metric`, or as rows of a table.
   * Source: MultitaskClassifier.score of Snorkel.
   */
  score(
    loaders: readonly DataLoader[],
    options?: ScoreOptions & { asTable?: false },
  ): Promise<Record<string, number>>;
  score(loaders: readonly DataLoader[], options: ScoreOptions & { asTable: true }): Promise<ScoreRow[]>;
  score(
    loaders: readonly DataLoader[],
    options: ScoreOptions = {},
  ): Promise<Record<string, number> | ScoreRow[]> {
    return score(this, loaders, options);
  }

  /**
   * Writes the weights to a `.safetensors`, `.pt` or `.pth` file, which holds either all of them or, if something fails,
   * what it held before. The names are Python Snorkel's: `module_pool.base_mlp.0.weight`. Its `model.load` reads the
   * files that end in `.pt` and `.pth`.
   */
  async save(path: string): Promise<void> {
    const weights = this.stateDict();
    try {
      await saveWeights("MultitaskClassifier.save", path, weights);
    } finally {
      for (const tensor of Object.values(weights)) tensor.dispose();
    }
    log(`[${this.name}] Model saved in ${path}`);
  }

  /**
   * Reads weights written by {@link MultitaskClassifier.save}, or by that of Python Snorkel. Nothing is changed unless all names and shapes fit.
   * The `module.` that Python's DataParallel leaves in names is accepted.
   */
  async load(path: string): Promise<void> {
    const dict = await loadWeights("MultitaskClassifier.load", path);
    try {
      const names = scope(() => Object.keys(this.stateDict()));
      this.loadStateDict(matchNames(dict, names));
    } finally {
      for (const tensor of Object.values(dict)) tensor.dispose();
    }
    log(`[${this.name}] Model loaded from ${path}`);
  }

  /** @throws Error: what tasks hold besides modules is no module's to copy. */
  protected override blankCopy(): this {
    const remedy = "Make another model of the same tasks, and give it these weights by loadStateDict";
    throw new Error(`[MultitaskClassifier.deepCopy] expected modules alone, got a model of tasks. ${remedy}`);
  }

  override toString(): string {
    return `${this.constructor.name}(name=${this.name})`;
  }
}
