import { expected } from "../../errors.ts";
import { Module } from "./module.ts";
import { foldRepeats } from "./representation.ts";

/**
 * Modules in a list, under the names "0", "1", ...
 * @see https://pytorch.org/docs/stable/generated/torch.nn.ModuleList.html
 */
export class ModuleList extends Module {
  private readonly held: Module[] = [];

  constructor(modules: readonly Module[] = []) {
    super();
    if (!Array.isArray(modules)) throw expected("nn.ModuleList", "an array of modules", "modules", modules);
    this.push(...modules);
  }

  get length(): number {
    return this.held.length;
  }

  /** The module at a position; negative ones count from the end. */
  at(position: number): Module | undefined {
    return this.held.at(position);
  }

  /** Adds modules at the end, and returns the new length. */
  push(...modules: Module[]): number {
    for (const module of modules) {
      if (!(module instanceof Module)) throw expected("nn.ModuleList", "a Module", "module", module);
    }
    return this.held.push(...modules);
  }

  [Symbol.iterator](): Iterator<Module> {
    return this.held.values();
  }

  override namedChildren(): [string, Module][] {
    const own = this.held.map((module, position): [string, Module] => [String(position), module]);
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
