import { PythonRandom } from "snorkel-torch";

/** Draws the settings of a case. */
export class Draw {
  readonly #random: PythonRandom;

  constructor(seed: number) {
    this.#random = new PythonRandom(seed);
  }

  /** True with a probability. */
  chance(probability: number): boolean {
    return this.#random.random() < probability;
  }

  /** A whole number, both ends included. */
  integer(least: number, most: number): number {
    return least + this.#random.randbelow(most - least + 1);
  }

  /** A number between two, evenly on a logarithmic scale, of two digits. */
  scale(least: number, most: number): number {
    return Number((least * (most / least) ** this.#random.random()).toPrecision(2));
  }

  oneOf<T>(values: readonly T[]): T {
    return values[this.#random.randbelow(values.length)] as T;
  }

  /** Some of the values, in their order; at least one. */
  someOf<T>(values: readonly T[], probability = 0.5): T[] {
    const some = values.filter(() => this.chance(probability));
    return some.length > 0 ? some : [this.oneOf(values)];
  }
}
