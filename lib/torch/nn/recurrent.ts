import { scope } from "../scope.ts";
import { emptyParameter, type factoryDefaults } from "./factory.ts";
import { uniform_ } from "./init.ts";
import { Module } from "./module.ts";
import type { Parameter } from "./parameter.ts";

/**
 * A module whose weights are found at run time. Each is a property, with the name of the state dict in camelCase
 * (`weight_ih_l0` is `weightIhL0`).
 */
export abstract class Recurrent extends Module {
  /** The weights' names in a state dict, by property. */
  private readonly names = new Map<string, string>();

  /** Makes the weights, in this order, and draws them within the root of 1 / hiddenSize. */
  protected makeWeights(
    shapes: ReadonlyMap<string, readonly number[]>,
    hiddenSize: number,
    factory: typeof factoryDefaults,
  ): void {
    const bound = 1 / Math.sqrt(hiddenSize);
    for (const [name, shape] of shapes) {
      const property = name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
      this.names.set(property, name);
      const weight = scope(() => uniform_(emptyParameter(shape, factory), { a: -bound, b: bound }));
      Reflect.set(this, property, weight);
    }
  }

  /** The weights in the order in which they were made. */
  protected weights(): Parameter[] {
    return [...this.names.keys()].map((property) => Reflect.get(this, property) as Parameter);
  }

  /** @internal */
  protected override ownParameters(): [string, Parameter][] {
    return super.ownParameters().map(([name, weight]) => [this.names.get(name) ?? name, weight]);
  }
}
