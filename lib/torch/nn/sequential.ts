import { expected } from "../../errors.ts";
import { isPlainObject } from "../../options.ts";
import type { Tensor } from "../tensor.ts";
import type { Copier } from "./deep-copy.ts";
import { Module } from "./module.ts";

/**
 * Modules in a row, each fed with what the one before gives. The children's names are "0", "1", ... or those of an object.
 *
 *     new nn.Sequential(new nn.Linear(2, 8), new nn.ReLU())
 *     new nn.Sequential({ hidden: new nn.Linear(2, 8), activation: new nn.ReLU() })
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Sequential.html
 */
export class Sequential extends Module {
  readonly #modules: Map<string, Module>;

  constructor(...modules: Module[] | [Record<string, Module>]) {
    super();
    const [first] = modules;
    const named = modules.length === 1 && isPlainObject(first) ? first : { ...(modules as Module[]) };
    for (const [name, module] of Object.entries(named)) {
      if (!(module instanceof Module)) throw expected("nn.Sequential", "a Module", `module ${name}`, module);
      if (name === "" || name.includes("."))
        throw expected("nn.Sequential", "names without dots", "modules", name);
    }
    this.#modules = new Map(Object.entries(named as Record<string, Module>));
  }

  protected override blankCopy(): this {
    return Reflect.construct(Sequential, [], this.constructor);
  }

  protected override fillCopy(copy: this, copier: Copier): void {
    super.fillCopy(copy, copier);
    for (const [name, module] of this.#modules) copy.#modules.set(name, copier.copy(module));
  }

  override namedChildren(): [string, Module][] {
    return [...this.#modules, ...super.namedChildren()];
  }

  /** How many modules there are. */
  get length(): number {
    return this.#modules.size;
  }

  /** The module at a position; negative ones count from the end. */
  at(position: number): Module | undefined {
    return [...this.#modules.values()].at(position);
  }

  [Symbol.iterator](): Iterator<Module> {
    return this.#modules.values();
  }

  override forward(input: Tensor): Tensor {
    let value: unknown = input;
    for (const module of this.#modules.values()) value = module.forward(value);
    return value as Tensor;
  }
}
