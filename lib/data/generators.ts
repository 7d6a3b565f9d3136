import { expected } from "../errors.ts";
import { tensor } from "../torch/creation.ts";
import { Generator, getRngState, setRngState } from "../torch/random.ts";
import { scope } from "../torch/scope.ts";
import type { Tensor } from "../torch/tensor.ts";
import type { DataLoader } from "./data-loader.ts";
import { pythonRandom } from "./python-random.ts";

/** What generators were like at some time. */
export interface GeneratorStates {
  /** The global generator of the CPU, in PyTorch's bytes. */
  torch: Uint8Array;
  /** The global generator of CPython's `random`, in its words. */
  python: Uint32Array;
  /** Those that belong to loaders and samplers, in PyTorch's bytes. */
  own: readonly Uint8Array[];
}

/** The generators that passes over some loaders draw from: the global ones, and those of loaders and samplers. */
export class Generators {
  readonly #own: readonly Generator[];

  constructor(loaders: readonly DataLoader[]) {
    this.#own = [...new Set(loaders.flatMap(generatorsOf))];
  }

  states(): GeneratorStates {
    return {
      torch: bytesOf(getRngState),
      python: Uint32Array.from(pythonRandom.getState()),
      own: this.#own.map((generator) => bytesOf(() => generator.getState())),
    };
  }

  /** @throws TypeError unless there is a state for each generator of a loader; then none is changed. */
  set({ torch, python, own }: GeneratorStates): void {
    if (own.length !== this.#own.length)
      throw expected("Generators", `states of ${this.#own.length} generators of loaders`, "own", own);
    scope(() => {
      setRngState(tensor(torch, { dtype: "uint8" }));
      for (const [i, generator] of this.#own.entries())
        generator.setState(tensor(own[i] as Uint8Array, { dtype: "uint8" }));
    });
    pythonRandom.setState([...python]);
  }
}

export function areSameStates(a: GeneratorStates, b: GeneratorStates): boolean {
  return (
    Buffer.compare(a.torch, b.torch) === 0 &&
    a.python.every((word, i) => word === b.python[i]) &&
    a.own.every((bytes, i) => Buffer.compare(bytes, b.own[i] as Uint8Array) === 0)
  );
}

function bytesOf(read: () => Tensor): Uint8Array {
  return scope(() => read().toTypedArray() as Uint8Array);
}

/** The generators of a loader, of its samplers and of theirs. */
function generatorsOf(holder: unknown): Generator[] {
  if (typeof holder !== "object" || holder === null) return [];
  const { generator, sampler, batchSampler } = holder as Record<string, unknown>;
  const own = generator instanceof Generator ? [generator] : [];
  return [...own, ...generatorsOf(sampler), ...generatorsOf(batchSampler)];
}
