import { expected } from "../../errors.ts";
import { isPlainObject } from "../../options.ts";
import { Module } from "./module.ts";

/**
 * Modules by name, in the order in which they came.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.ModuleDict.html
 */
export class ModuleDict extends Module {
  private readonly held = new Map<string, Module>();

  constructor(modules: Record<string, Module> = {}) {
    super();
    if (!isPlainObject(modules))
      throw expected("nn.ModuleDict", "an object of modules by name", "modules", modules);
    for (const [name, module] of Object.entries(modules)) this.set(name, module);
  }

  get(name: string): Module | undefined {
    return this.held.get(name);
  }

  has(name: string): boolean {
    return this.held.has(name);
  }

  /** Puts a module under a name, in place of the one that was there. */
  set(name: string, module: Module): this {
    if (!(module instanceof Module)) throw expected("nn.ModuleDict", "a Module", `module ${name}`, module);
    if (typeof name !== "string" || name === "" || name.includes(".")) {
      throw expected("nn.ModuleDict", "a name without dots", "name", name);
    }
    this.held.set(name, module);
    return this;
  }

  delete(name: string): boolean {
    return this.held.delete(name);
  }

  get size(): number {
    return this.held.size;
  }

  keys(): IterableIterator<string> {
    return this.held.keys();
  }

  values(): IterableIterator<Module> {
    return this.held.values();
  }

  entries(): IterableIterator<[string, Module]> {
    return this.held.entries();
  }

  override namedChildren(): [string, Module][] {
    return [...this.held, ...super.namedChildren()];
  }

  /** @throws TypeError always: it only holds modules. */
  override forward(): never {
    throw new TypeError(
      "[nn.ModuleDict] expected a module to run, got the container. Call forward of one of its modules",
    );
  }
}
