import { expected } from "../../errors.ts";
import { isPlainObject } from "../../options.ts";
import type { Copier } from "./deep-copy.ts";
import { Module } from "./module.ts";

/**
 * Modules by name, in the order in which they came.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.ModuleDict.html
 */
export class ModuleDict extends Module {
  readonly #modules = new Map<string, Module>();

  constructor(modules: Record<string, Module> = {}) {
    super();
    if (!isPlainObject(modules))
      throw expected("nn.ModuleDict", "an object of modules by name", "modules", modules);
    for (const [name, module] of Object.entries(modules)) this.set(name, module);
  }

  get(name: string): Module | undefined {
    return this.#modules.get(name);
  }

  has(name: string): boolean {
    return this.#modules.has(name);
  }

  /** Puts a module under a name, in place of the one that was there. */
  set(name: string, module: Module): this {
    if (!(module instanceof Module)) throw expected("nn.ModuleDict", "a Module", `module ${name}`, module);
    if (typeof name !== "string" || name === "" || name.includes(".")) {
      throw expected("nn.ModuleDict", "a name without dots", "name", name);
    }
    this.#modules.set(name, module);
    return this;
  }

  delete(name: string): boolean {
    return this.#modules.delete(name);
  }

  get size(): number {
    return this.#modules.size;
  }

  keys(): IterableIterator<string> {
    return this.#modules.keys();
  }

  values(): IterableIterator<Module> {
    return this.#modules.values();
  }

  entries(): IterableIterator<[string, Module]> {
    return this.#modules.entries();
  }

  protected override blankCopy(): this {
    return Reflect.construct(ModuleDict, [], this.constructor);
  }

  protected override fillCopy(copy: this, copier: Copier): void {
    super.fillCopy(copy, copier);
    for (const [name, module] of this.#modules) copy.set(name, copier.copy(module));
  }

  override namedChildren(): [string, Module][] {
    return [...this.#modules, ...super.namedChildren()];
  }

  /** @throws TypeError always: it only holds modules. */
  override forward(): never {
    throw new TypeError(
      "[nn.ModuleDict] expected a module to run, got the container. Call forward of one of its modules",
    );
  }
}
