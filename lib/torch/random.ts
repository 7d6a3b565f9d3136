import { expected } from "../errors.ts";
import { mergeOptions } from "../options.ts";
import { checkDevice } from "./device.ts";
import { native } from "./native.ts";
import type { Tensor } from "./tensor.ts";

/** A seed is a whole number, or a BigInt past 2^53. */
export type Seed = number | bigint;

function checkSeed(where: string, seed: unknown): Seed {
  if (typeof seed === "bigint" || Number.isSafeInteger(seed)) return seed as Seed;
  throw expected(where, "an integer", "seed", seed);
}

/**
 * A stream of random numbers of its own, to be given to operators that draw.
 * @see https://pytorch.org/docs/stable/generated/torch.Generator.html
 */
export class Generator {
  /** @param options.device - where it draws; "cpu" by default */
  constructor(options: { device?: string } = {}) {
    const { device } = mergeOptions("torch.Generator", { device: "cpu" }, options);
    native.generatorInit(this, checkDevice("torch.Generator", device));
  }

  manualSeed(seed: Seed): this {
    native.generatorSeed(this, checkSeed("Generator.manualSeed", seed));
    return this;
  }

  initialSeed(): bigint {
    return native.generatorInitialSeed(this);
  }

  /** The state, a uint8 tensor in PyTorch's layout. */
  getState(): Tensor {
    return native.generatorGetState(this);
  }

  setState(state: Tensor): this {
    native.generatorSetState(this, state);
    return this;
  }
}

/** Seeds the global generators of all devices, from which initialisation, dropout and shuffling draw. */
export function manualSeed(seed: Seed): void {
  native.manualSeed(checkSeed("torch.manualSeed", seed));
}

/** The seed that the CPU's global generator was last given. */
export function initialSeed(): bigint {
  return native.generatorInitialSeed(null);
}

/** The state of the CPU's global generator: a uint8 tensor, the same bytes as PyTorch's for the same draws. */
export function getRngState(): Tensor {
  return native.generatorGetState(null);
}

/** Sets the state of the global generator of the CPU, as {@link getRngState} gave it. */
export function setRngState(state: Tensor): void {
  native.generatorSetState(null, state);
}
