import type { DataLoader } from "../data/index.ts";
import type { InputSource, RunProgram, TrainingPlan } from "../torch/engine/index.ts";
import type { Tensor } from "../torch/index.ts";
import type { StepKind } from "./step-programs.ts";

/** One step to be done: its batch, by positions or by tensors, and for how many rows each label is there. */
export interface PlannedStep {
  kind: StepKind;
  loader: DataLoader;
  /** Where the tensors are gathered from; null where they are given. */
  sources: readonly InputSource[] | null;
  indices: Int32Array;
  given: readonly Tensor[] | null;
  counts: readonly number[];
}

/** What a plan says of its steps and their programs. */
type PlannedSteps = Pick<TrainingPlan, "programs" | "steps" | "positions" | "starts" | "given" | "counts">;

/** Steps that a thread is to do in one go. */
export class StepPlan {
  readonly #steps: PlannedStep[] = [];
  #isRandom = false;

  get length(): number {
    return this.#steps.length;
  }

  /** Whether a step draws from a generator. */
  get isRandom(): boolean {
    return this.#isRandom;
  }

  /** How many examples each batch has. */
  get sizes(): number[] {
    return this.#steps.map(({ indices }) => indices.length);
  }

  /** The kinds of the steps, each once. */
  get kinds(): StepKind[] {
    return [...new Set(this.#steps.map(({ kind }) => kind))];
  }

  add(step: PlannedStep): void {
    this.#steps.push(step);
    this.#isRandom ||= step.kind.program?.isRandom === true;
  }

  at(step: number): PlannedStep | undefined {
    return this.#steps[step];
  }

  /**
   * The steps in the form in which native code takes them.
   * @param namesOf - for each output of a step's program, which sum it adds to
   */
  assemble(namesOf: (step: PlannedStep) => number[]): PlannedSteps {
    const programs: RunProgram[] = [];
    const places = new Map<StepKind, number>();
    for (const step of this.#steps) {
      const { program } = step.kind;
      if (program === null || places.has(step.kind)) continue;
      places.set(step.kind, programs.length);
      programs.push({ program: program.handle, sources: step.sources, names: namesOf(step) });
    }
    const starts = new Int32Array(this.length + 1);
    const steps = new Int32Array(this.length);
    const counts: number[] = [];
    let end = 0;
    for (let i = 0; i < this.length; i++) {
      const step = this.#steps[i] as PlannedStep;
      steps[i] = places.get(step.kind) as number;
      end += step.indices.length;
      starts[i + 1] = end;
      for (const count of step.counts) if (count > 0) counts.push(count);
    }
    const positions = new Int32Array(end);
    for (let i = 0; i < this.length; i++) positions.set((this.#steps[i] as PlannedStep).indices, starts[i]);
    const given = this.#steps.some((step) => step.given !== null)
      ? this.#steps.map((step) => step.given)
      : [];
    return { programs, steps, positions, starts, given, counts: Float64Array.from(counts) };
  }

  /** Frees the tensors that were given. */
  dispose(): void {
    for (const { given } of this.#steps) for (const tensor of given ?? []) tensor.dispose();
  }
}
