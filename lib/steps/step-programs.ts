import type { BatchInput } from "../data/batch-inputs.ts";
import { messageOf } from "../errors.ts";
import { Arena, Program, recordStep, type StepRecord } from "../torch/engine/index.ts";
import type { nn, Tensor } from "../torch/index.ts";
import { native } from "../torch/native.ts";

/** How often a kind may turn out not to be a program: what a model makes when it first runs is forgiven. */
const maxRefusals = 2;

/** How many programs are kept: each holds views of its tensors, and each took two recorded steps. */
const maxPrograms = 64;

/** What is known about the steps on one kind of batch. */
export interface StepKind {
  /** What repeats the step; null as long as there is none. */
  program: Program | null;
  /** What the program's outputs are called: the labels whose losses or probabilities they are. */
  outputs: readonly string[];
  /** The first of the two records that a program takes. */
  first: StepRecord | null;
  refusals: number;
  /** Whether the step is to be recorded when it runs next. */
  isOpen: boolean;
}

/** What {@link StepPrograms.run} runs: the tensors that it gives, by name. */
export type Step = () => ReadonlyMap<string, Tensor>;

/**
 * The programs of a model's steps, by kind of batch: its shapes and labels, in which mode each module is, and where the
 * parameters lie. The first two steps of a kind run on the main thread, under a recorder.
 */
export class StepPrograms {
  readonly #where: string;
  readonly #model: nn.Module;
  readonly #trained: readonly Tensor[];
  readonly #isOn: boolean;
  readonly #arena: Arena;
  readonly #kinds = new Map<string, StepKind>();
  /** A short name of each state of the model that there was. */
  readonly #states = new Map<string, number>();
  #state = 0;
  #persistent: readonly Tensor[] = [];
  #programs = 0;
  #hasWarned = false;

  /**
   * @param options.trained - the parameters that a step leaves gradients on, in the model's order
   * @param options.isOn - whether steps are recorded at all
   */
  constructor(
    where: string,
    model: nn.Module,
    options: { device: string; trained: readonly Tensor[]; isOn: boolean },
  ) {
    this.#where = where;
    this.#model = model;
    this.#trained = options.trained;
    this.#isOn = options.isOn;
    this.#arena = new Arena(options.device);
  }

  /**
   * To be called before kinds are looked up, whenever code of the user's had a chance to change the model.
   * @param computation - in what the model computes
   */
  begin(computation: string): void {
    if (!this.#isOn) return;
    this.#persistent = [...this.#model.parameters(), ...this.#model.buffers()];
    const modes = this.#model.modules().map((module) => Number(module.training));
    const places = this.#persistent.map(placeOf);
    const state = [computation, modes.join(""), ...places].join(" ");
    if (!this.#states.has(state)) this.#states.set(state, this.#states.size);
    this.#state = this.#states.get(state) as number;
  }

  /** What is known about batches of that signature. */
  kind(signature: string): StepKind {
    const key = `${this.#state} ${signature}`;
    const known = this.#kinds.get(key);
    if (known !== undefined) return known;
    const kind: StepKind = { program: null, outputs: [], first: null, refusals: 0, isOpen: this.#isOn };
    this.#kinds.set(key, kind);
    return kind;
  }

  /**
   * Runs a step on this thread, and records what it does if a program may come of it.
   *
   * @param inputs - the tensors of the batch, or the path of something else in it
   * @param source - where the batch comes from, for the warning
   */
  run(
    kind: StepKind,
    inputs: readonly BatchInput[] | string,
    source: string,
    step: Step,
  ): ReadonlyMap<string, Tensor> {
    if (kind.isOpen && typeof inputs === "string")
      this.#close(kind, `"${inputs}" of a batch is no tensor`, source);
    if (kind.isOpen && this.#programs >= maxPrograms)
      this.#close(kind, `there are more than ${maxPrograms} kinds of batches. ${fewerKinds}`, source);
    if (!kind.isOpen || typeof inputs === "string") return step();
    const tensors = {
      inputs: inputs.map(([, tensor]) => tensor),
      persistent: this.#persistent,
      parameters: this.#trained,
    };
    let outputs: ReadonlyMap<string, Tensor> = new Map();
    const record = recordStep(tensors, () => {
      outputs = step();
      return [...outputs.values()];
    });
    kind.outputs = [...outputs.keys()];
    this.#take(kind, record, source);
    return outputs;
  }

  dispose(): void {
    for (const { first, program } of this.#kinds.values()) {
      first?.dispose();
      program?.dispose();
    }
    this.#kinds.clear();
  }

  #take(kind: StepKind, record: StepRecord, source: string): void {
    if (record.refusal !== null) {
      const { refusal } = record;
      record.dispose();
      this.#refuse(kind, refusal, source);
    } else if (kind.first === null) {
      kind.first = record;
    } else {
      this.#build(kind, kind.first, record, source);
    }
  }

  #build(kind: StepKind, first: StepRecord, second: StepRecord, source: string): void {
    try {
      kind.program = Program.build(first, second, this.#arena);
      kind.isOpen = false;
      this.#programs += 1;
      kind.first = null;
      second.dispose();
    } catch (error) {
      // What a model makes when it first runs is in the first record alone.
      kind.first = second;
      this.#refuse(kind, messageOf(error), source);
    } finally {
      first.dispose();
    }
  }

  #refuse(kind: StepKind, reason: string, source: string): void {
    kind.refusals += 1;
    if (kind.refusals === maxRefusals) this.#close(kind, reason, source);
  }

  #close(kind: StepKind, reason: string, source: string): void {
    kind.first?.dispose();
    kind.first = null;
    kind.isOpen = false;
    if (this.#hasWarned) return;
    this.#hasWarned = true;
    process.emitWarning(
      `[${this.#where}] steps on ${source} run one by one on the main thread, since they cannot be recorded: ${reason}`,
    );
  }
}

/** Where a tensor lies in memory, and how. */
function placeOf(tensor: Tensor): string {
  const { id = null, offset = 0 } = native.tensorStorage(tensor) ?? {};
  return `${id}+${offset}:${tensor.shape}:${tensor.stride()}${tensor.requiresGrad ? "" : "!"}`;
}

const fewerKinds =
  "Round the widths of ragged fields with padToMultipleOf or padTo, and take larger batches where labels are rare";
