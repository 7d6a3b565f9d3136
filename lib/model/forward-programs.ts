import { batchOn, gatherBatch } from "../data/batch.ts";
import { batchInputs, DatasetInputs } from "../data/batch-inputs.ts";
import { type Batch, type DataLoader, DictDataLoader, openEpoch } from "../data/index.ts";
import { expected, shapeText } from "../errors.ts";
import { EventLoop } from "../event-loop.ts";
import {
  type StepKind,
  type StepPlan,
  StepPlanner,
  StepPrograms,
  type UngatheredBatch,
} from "../steps/index.ts";
import { TrainingThread } from "../torch/engine/index.ts";
import { type Dtype, empty, noGrad, scope, type Tensor } from "../torch/index.ts";
import type { MultitaskClassifier } from "./multitask-classifier.ts";

/** What some rows give, by label, and which rows of the dataset they are. */
export interface PredictedRows {
  outputs: ReadonlyMap<string, Tensor>;
  indices: Int32Array;
}

/** A forward pass over the fields of a batch: what it gives, by label, with a leading dimension of rows. */
export type Forward = (xDict: Batch["xDict"]) => ReadonlyMap<string, Tensor>;

/** One row of an output. */
interface OutputRow {
  shape: readonly number[];
  dtype: Dtype;
  device: string;
}

/**
 * The forward programs of a model. `predict` and `score` make their own for each call. Those that are given to several
 * calls know from the second one on what to do without JavaScript: until something about the model changes that is neither
 * a value of a tensor nor the mode of a module, they give what it would give.
 */
export class ForwardPrograms {
  readonly #model: MultitaskClassifier;
  readonly #programs: StepPrograms;
  readonly #planners = new Map<string, StepPlanner>();
  readonly #rows = new WeakMap<StepKind, readonly OutputRow[]>();
  #thread: TrainingThread | null = null;
  /** Programs share their memory: one pass comes after the other. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(model: MultitaskClassifier) {
    const options = { device: model.device, trained: [], isOn: true };
    this.#model = model;
    this.#programs = new StepPrograms("MultitaskClassifier.predict", model, options);
  }

  /** Frees the programs and their thread. */
  dispose(): void {
    this.#thread?.dispose();
    this.#programs.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  /**
   * Whether the loader's batches are gathered from tensors alone, so that programs can read them.
   * @internal
   */
  static canRead(loader: DataLoader): loader is DictDataLoader {
    return (
      loader instanceof DictDataLoader &&
      loader.isGathered &&
      typeof DatasetInputs.of(loader.dataset, []) !== "string"
    );
  }

  /**
   * Runs a forward pass over all rows of a loader, and hands over what it gives, piece by piece, in order. The tensors
   * belong to the receiver.
   *
   * @param purpose - what tells this forward pass from others of the model
   * @internal
   */
  run(
    loader: DictDataLoader,
    purpose: string,
    forward: Forward,
    receive: (rows: PredictedRows) => void,
  ): Promise<void> {
    const pass = this.#last.then(() => this.#pass(loader, purpose, forward, receive));
    this.#last = pass.catch(() => {});
    return pass;
  }

  async #pass(
    loader: DictDataLoader,
    purpose: string,
    forward: Forward,
    receive: (rows: PredictedRows) => void,
  ): Promise<void> {
    const planner = this.#planners.get(purpose) ?? new StepPlanner(this.#programs, () => [], purpose);
    this.#planners.set(purpose, planner);
    const eventLoop = new EventLoop();
    const batches = openEpoch("sequential", [loader]);
    try {
      planner.begin(this.#model.computation.signature);
      while (batches.nextLoader !== undefined) {
        const { plan, left } = planner.take(batches, Number.POSITIVE_INFINITY, false);
        if (plan.length > 0) receive(await this.#runPlan(plan));
        if (left !== null) receive(this.#runHere(left, forward));
        await eventLoop.breathe();
      }
    } finally {
      batches.close();
    }
  }

  /** On the thread: all steps write into the rows of one tensor per label. */
  async #runPlan(plan: StepPlan): Promise<PredictedRows> {
    const steps = plan.assemble(({ kind }) => kind.outputs.map(() => 0));
    const labels = plan.kinds[0]?.outputs ?? [];
    const tensors = this.#outputRows(plan).map(({ shape, dtype, device }) =>
      empty([steps.positions.length, ...shape], { dtype, device }).keep(),
    );
    this.#thread ??= new TrainingThread();
    const result = await this.#thread.run({
      ...steps,
      ...{ losses: new Float64Array(1), points: new Float64Array(1) },
      ...{ optimizer: null, gradClip: 0, rates: [] },
      destinations: steps.programs.map(() => tensors),
    });
    if (result.error !== null) {
      for (const tensor of tensors) tensor.dispose();
      throw new Error(
        `[MultitaskClassifier.predict] batch ${result.done + 1} of a pass failed: ${result.error}`,
      );
    }
    return {
      outputs: new Map(labels.map((label, i) => [label, tensors[i] as Tensor])),
      indices: steps.positions,
    };
  }

  #outputRows(plan: StepPlan): readonly OutputRow[] {
    const [first = [], ...others] = plan.kinds.map((kind) => this.#rows.get(kind) ?? []);
    const odd = others.find((other) => JSON.stringify(other) !== JSON.stringify(first));
    if (odd === undefined) return first;
    throw expected(
      "predict",
      `rows of one shape in all batches, such as ${JSON.stringify(first)},`,
      "outputs",
      odd,
    );
  }

  #runHere({ loader, indices, kind }: UngatheredBatch, forward: Forward): PredictedRows {
    const { name, split } = loader.dataset;
    const outputs = scope(() => {
      const batch = batchOn(gatherBatch(loader.dataset, indices), this.#model.device);
      const inputs = batchInputs(batch.xDict, {}, []);
      const step = () => noGrad(() => forward(batch.xDict));
      const given = this.#programs.run(kind, inputs, `${name}/${split}`, step);
      return [...given].map(([label, output]) => [label, output.clone().keep()] as const);
    });
    this.#rows.set(
      kind,
      outputs.map(([label, output]) => rowOf(label, output, indices.length)),
    );
    return { outputs: new Map(outputs), indices };
  }
}

function rowOf(label: string, output: Tensor, rows: number): OutputRow {
  const { shape, dtype, device } = output;
  if (shape[0] !== rows)
    throw expected("predict", `${rows} rows`, `the output of "${label}"`, shapeText(shape));
  return { shape: shape.slice(1), dtype, device };
}
