import { type BatchInput, batchInputs, DatasetInputs } from "../data/batch-inputs.ts";
import { type Batch, type DataLoader, DictDataLoader, type EpochBatches } from "../data/index.ts";
import { scope, type Tensor } from "../torch/index.ts";
import { StepPlan } from "./step-plan.ts";
import type { StepKind, StepPrograms } from "./step-programs.ts";

/** How many steps are planned at a time: planning holds the event loop for about a microsecond each. */
const maxSteps = 1024;

/** A batch that is still to be gathered, and what is known of its kind. */
export interface UngatheredBatch {
  loader: DictDataLoader;
  indices: Int32Array;
  kind: StepKind;
}

/** What a loader's batches are gathered from, and the kinds that they were found to be of, by shape. */
interface KnownInputs {
  inputs: DatasetInputs;
  name: number;
  kinds: Map<string, StepKind>;
}

/** Turns the coming batches into steps for the training thread, as far as there are programs for them. */
export class StepPlanner {
  readonly #programs: StepPrograms;
  readonly #labelsOf: (names: Iterable<string>) => string[];
  readonly #purpose: string;
  /** A short name of each loader together with what its batches are made of. */
  readonly #names = new Map<DataLoader, Map<string, number>>();
  #named = 0;
  #inputs = new Map<DataLoader, KnownInputs | null>();

  /**
   * @param labelsOf - those of a batch's labels that a step uses
   * @param purpose - what tells its steps from those of other planners with the same programs
   */
  constructor(programs: StepPrograms, labelsOf: (names: Iterable<string>) => string[], purpose = "") {
    this.#programs = programs;
    this.#labelsOf = labelsOf;
    this.#purpose = purpose;
  }

  /**
   * To be called whenever code of the user's had a chance to change the model or a dataset.
   * @param computation - in what the model computes
   */
  begin(computation: string): void {
    this.#inputs.clear();
    this.#programs.begin(computation);
  }

  /**
   * Takes up to `limit` of the next batches: those for which there are programs, and the first for which there is none.
   * It stops before a batch that only its loader can make.
   *
   * @param isBusy - whether steps that draw random numbers are running: then no loader may draw
   */
  take(
    batches: EpochBatches,
    limit: number,
    isBusy: boolean,
  ): { plan: StepPlan; left: UngatheredBatch | null } {
    const plan = new StepPlan();
    while (plan.length < Math.min(limit, maxSteps)) {
      const loader = batches.nextLoader;
      if (!(loader instanceof DictDataLoader)) break;
      const known = this.#datasetInputs(loader);
      if (known === null) break;
      // Draws and steps come in the order in which they would without a thread.
      if (!batches.isNextSettled && (isBusy || plan.isRandom)) break;
      const indices = batches.nextIndices();
      const counts = known.inputs.activeCounts(indices);
      const widths = known.inputs.widths(indices);
      const shape = `${indices.length} ${widths} ${labelStates(counts, indices.length)}`;
      let kind = known.kinds.get(shape);
      if (kind === undefined) {
        kind = this.#programs.kind(`${this.#purpose}${known.name} ${shape}`);
        known.kinds.set(shape, kind);
      }
      if (kind.program === null) return { plan, left: { loader, indices, kind } };
      const { sources } = known.inputs;
      plan.add({ kind, loader, sources, indices, given: null, counts });
    }
    return { plan, left: null };
  }

  /** The tensors of a batch that a step uses, or the path of something else in it. */
  inputsOf(batch: Batch): BatchInput[] | string {
    return batchInputs(batch.xDict, batch.yDict, this.#labelsOf(Object.keys(batch.yDict)));
  }

  /** The kind of a batch that its loader has made. */
  kindOf(batch: Batch, loader: DataLoader): StepKind {
    const inputs = this.inputsOf(batch);
    const shapes =
      typeof inputs === "string"
        ? inputs
        : inputs.map(([path, tensor]) => `${path} ${describe(tensor)}`).join();
    const states = labelStates(this.#countsOf(batch), batch.size);
    return this.#programs.kind(`${this.#purpose}${this.#nameOf(loader, shapes)} ${states}`);
  }

  /** A plan of one step on a batch that its loader has made, of whose tensors it takes copies. */
  planMade(batch: Batch, loader: DataLoader, kind: StepKind): StepPlan {
    const inputs = this.inputsOf(batch);
    const given =
      typeof inputs === "string" ? [] : scope(() => inputs.map(([, tensor]) => tensor.clone().keep()));
    const plan = new StepPlan();
    const counts = this.#countsOf(batch);
    plan.add({ kind, loader, sources: null, indices: batch.indices, given, counts });
    return plan;
  }

  #countsOf(batch: Batch): number[] {
    return this.#labelsOf(Object.keys(batch.yDict)).map((label) => batch.activeCounts[label] ?? 0);
  }

  #datasetInputs(loader: DictDataLoader): KnownInputs | null {
    const known = this.#inputs.get(loader);
    if (known !== undefined) return known;
    const inputs = loader.isGathered
      ? DatasetInputs.of(loader.dataset, this.#labelsOf(loader.dataset.labelNames))
      : "";
    const found =
      typeof inputs === "string"
        ? null
        : { inputs, name: this.#nameOf(loader, inputs.signature), kinds: new Map<string, StepKind>() };
    this.#inputs.set(loader, found);
    return found;
  }

  #nameOf(loader: DataLoader, signature: string): number {
    const names = this.#names.get(loader) ?? new Map<string, number>();
    this.#names.set(loader, names);
    const name = names.get(signature) ?? this.#named++;
    names.set(signature, name);
    return name;
  }
}

function describe(tensor: Tensor): string {
  return `${tensor.dtype} [${tensor.shape}] by [${tensor.stride()}] ${tensor.device}`;
}

/** Whether each label is there for no row, for some, or for all: another loss is computed for each. */
function labelStates(counts: readonly number[], size: number): string {
  let states = "";
  for (const count of counts) states += count === 0 ? "-" : count < size ? "~" : "=";
  return states;
}
