import { expected } from "../../errors.ts";
import type { Copier } from "./deep-copy.ts";
import { Module } from "./module.ts";
import { foldRepeats } from "./representation.ts";

/**
 * Modules in a list, under the names "0", "1", ...
 * @see https://pytorch.org/docs/stable/generated/torch.nn.ModuleList.html
 */
export class ModuleList extends Module {
  readonly #modules: Module[] = [];

  constructor(modules: readonly Module[] = []) {
    super();
    if (!Array.isArray(modules)) throw expected("nn.ModuleList", "an array of modules", "modules", modules);
    this.push(...modules);
  }

  get length(): number {
    return this.#modules.length;
  }

  /** The module at a position; negative ones count from the end. */
  at(position: number): Module | undefined {
    return this.#modules.at(position);
  }

  /** Adds modules at the end, and returns the new length. */
  push(...modules: Module[]): number {
    for (const module of modules) {
      if (!(module instanceof Module)) throw expected("nn.ModuleList", "a Module", "module", module);
    }
    return this.#modules.push(...modules);
  }

  [Symbol.iterator](): Iterator<Module> {
    return this.#modules.values();
  }

  protected override blankCopy(): this {
    return Reflect.construct(ModuleList, [], this.constructor);
  }

  protected override fillCopy(copy: this, copier: Copier): void {
    super.fillCopy(copy, copier);
    copy.push(...this.#modules.map((module) => copier.copy(module)));
  }

  override namedChildren(): [string, Module][] {
    const own = this.#modules.map((module, position): [string, Module] => [String(position), module]);
    return [...own, ...super.namedChildren()];
  }

  protected override foldChildren(children: readonly (readonly [string, string])[]) {
    return foldRepeats(children);
  }

  /** @throws TypeError always: it only holds modules. */
  override forward(): never {
    throw new TypeError(
      "[nn.ModuleList] expected a module to run, got the container. Call forward of one of its modules",
    );
  }
}
