import { inspect } from "node:util";
import { expected } from "../../errors.ts";
import { isPlainObject, mergeOptions } from "../../options.ts";
import { noGrad } from "../autograd.ts";
import { isFloating } from "../dtype.ts";
import { native } from "../native.ts";
import { keep, scope } from "../scope.ts";
import { Tensor } from "../tensor.ts";
import { type Copier, deepCopy } from "./deep-copy.ts";
import { type ModuleTarget, readTarget } from "./module-target.ts";
import { Parameter } from "./parameter.ts";
import { printModule } from "./representation.ts";
import { type LoadResult, loadInto, type OwnBuffer, type StateEntry } from "./state-dict.ts";

/**
 * The base of all neural network modules.
 *
 * A class of one's own extends it, makes its parts in properties and writes `forward`. A property that holds a
 * {@link Parameter} or a Module belongs to the module, in the order of the properties:
 *
 *     class Scaled extends nn.Module {
 *       linear = new nn.Linear(2, 2);
 *       scale = new nn.Parameter(torch.ones([2]));
 *       forward(x: Tensor) {
 *         return this.linear.forward(x).mul(this.scale);
 *       }
 *     }
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Module.html
 */
export abstract class Module {
  /** Whether dropout, batch norm and their like behave as in training. Set by {@link train} and {@link eval}. */
  training = true;
  /** Registered buffers by property, and whether they are in the state dict. */
  readonly #buffers = new Map<string, boolean>();

  /** What the module computes. */
  abstract forward(...inputs: unknown[]): unknown;

  /** Makes a parameter (or, with null, the place for none) under a name that is found out at run time. */
  registerParameter(name: string, parameter: Parameter | null): void {
    if (parameter !== null && !(parameter instanceof Parameter)) {
      throw expected("Module.registerParameter", "a Parameter or null", name, parameter);
    }
    this.#define("Module.registerParameter", name, parameter);
  }

  /** Makes a child under a name that is found out at run time. */
  registerModule(name: string, module: Module): void {
    if (!(module instanceof Module)) throw expected("Module.registerModule", "a Module", name, module);
    this.#define("Module.registerModule", name, module);
  }

  /**
   * Makes a tensor part of the module's state without being learned, such as a running mean.
   *
   * @param options.persistent - whether it is in the state dict; true by default
   */
  registerBuffer(name: string, tensor: Tensor | null, options: { persistent?: boolean } = {}): void {
    if (tensor !== null && !(tensor instanceof Tensor)) {
      throw expected("Module.registerBuffer", "a Tensor or null", name, tensor);
    }
    const { persistent } = mergeOptions("Module.registerBuffer", { persistent: true }, options);
    this.#define("Module.registerBuffer", name, tensor === null ? null : keep(tensor));
    this.#buffers.set(name, persistent);
  }

  #define(where: string, name: string, value: unknown): void {
    if (typeof name !== "string" || name === "" || name.includes(".")) {
      throw expected(where, "a name without dots", "name", name);
    }
    if (name in this) throw expected(where, "a name that the module does not have yet", "name", name);
    Object.defineProperty(this, name, { value, writable: true, enumerable: true, configurable: true });
  }

  /** The module's own parameters by their names in a state dict, without those of children. @internal */
  protected ownParameters(): [string, Parameter][] {
    return Object.entries(this).filter(
      (entry): entry is [string, Parameter] => entry[1] instanceof Parameter && !this.#buffers.has(entry[0]),
    );
  }

  /** The module's own buffers by their names in a state dict. @internal */
  protected ownBuffers(): OwnBuffer[] {
    return [...this.#buffers].flatMap(([name, persistent]) => {
      const buffer: unknown = Reflect.get(this, name);
      return buffer instanceof Tensor ? [{ name, buffer, persistent }] : [];
    });
  }

  /** The module's children by name. */
  namedChildren(): [string, Module][] {
    return Object.entries(this).filter((entry): entry is [string, Module] => entry[1] instanceof Module);
  }

  /** The modules directly below this one, each once. */
  children(): Module[] {
    return [...new Set(this.namedChildren().map(([, child]) => child))];
  }

  /** This module (under the name "") and all below it, each once, a parent before its children. */
  namedModules(): [string, Module][] {
    const found = new Map<Module, string>();
    const visit = (module: Module, prefix: string): void => {
      if (found.has(module)) return;
      found.set(module, prefix);
      for (const [name, child] of module.namedChildren())
        visit(child, prefix === "" ? name : `${prefix}.${name}`);
    };
    visit(this, "");
    return [...found].map(([module, name]) => [name, module]);
  }

  /** This module and all below it, each once, a parent before its children. */
  modules(): Module[] {
    return this.namedModules().map(([, module]) => module);
  }

  /** All parameters, those of children too, each once: `[["linear.weight", Parameter], ...]`. */
  namedParameters(): [string, Parameter][] {
    return this.#namedTensors((module) => module.ownParameters());
  }

  /** All parameters, those of children too, each once. */
  parameters(): Parameter[] {
    return this.namedParameters().map(([, parameter]) => parameter);
  }

  /** All buffers, those of children too, each once. */
  namedBuffers(): [string, Tensor][] {
    return this.#namedTensors((module) => module.ownBuffers().map(({ name, buffer }) => [name, buffer]));
  }

  /** All buffers, those of children too, each once. */
  buffers(): Tensor[] {
    return this.namedBuffers().map(([, buffer]) => buffer);
  }

  #namedTensors<T extends Tensor>(own: (module: Module) => [string, T][]): [string, T][] {
    const found = new Map<T, string>();
    for (const [prefix, module] of this.namedModules()) {
      for (const [name, tensor] of own(module)) {
        if (!found.has(tensor)) found.set(tensor, prefix === "" ? name : `${prefix}.${name}`);
      }
    }
    return [...found].map(([tensor, name]) => [name, tensor]);
  }

  /** Puts the module and all below it into training mode, or with false into evaluation mode. */
  train(mode = true): this {
    if (typeof mode !== "boolean") throw expected("Module.train", "a boolean", "mode", mode);
    for (const module of this.modules()) module.training = mode;
    return this;
  }

  /** Puts the module and all below it into evaluation mode. */
  eval(): this {
    return this.train(false);
  }

  /** Switches the recording of gradients for all parameters. */
  requiresGrad_(on = true): this {
    for (const parameter of this.parameters()) parameter.requiresGrad = on;
    return this;
  }

  /** Forgets the gradients of all parameters. */
  zeroGrad(): void {
    for (const parameter of this.parameters()) parameter.grad = null;
  }

  /** Calls a function with every module, children before their parent. */
  apply(run: (module: Module) => void): this {
    for (const module of this.#postOrder()) run(module);
    return this;
  }

  #postOrder(seen = new Set<Module>()): Module[] {
    if (seen.has(this)) return [];
    seen.add(this);
    return [...this.children().flatMap((child) => child.#postOrder(seen)), this];
  }

  /**
   * Moves parameters and buffers to a device, and the floating ones to a dtype. The objects stay the same.
   * @throws TypeError for a dtype that is not floating, or a device that is not there, before anything moved.
   */
  to(target: ModuleTarget | string): this {
    const { device, dtype } = readTarget(target);
    scope(() =>
      noGrad(() => {
        const move = (tensor: Tensor) =>
          tensor.to({
            device: device ?? tensor.device,
            dtype: dtype && isFloating(tensor.dtype) ? dtype : tensor.dtype,
          });
        for (const tensor of [...this.parameters(), ...this.buffers()]) {
          const gradient = tensor.grad;
          const moved = move(tensor);
          if (moved !== tensor) native.tensorSetData(tensor, moved);
          if (gradient !== null) tensor.grad = move(gradient);
        }
      }),
    );
    return this;
  }

  /**
   * The parameters and persistent buffers by name, detached and sharing their memory: the module's own parameters, its
   * buffers, then those of its children. A tensor that is found under two names is there twice.
   */
  stateDict(): Record<string, Tensor> {
    return Object.fromEntries([...this.#state()].map(([name, { tensor }]) => [name, tensor.detach()]));
  }

  /**
   * Copies the values of a state dict into the module.
   *
   * @param options.strict - whether a missing or an unexpected name is an error; true by default
   * @returns the names that were missing or unexpected
   * @throws Error that lists all missing names, unexpected names and sizes that differ, before anything changed.
   */
  loadStateDict(dict: Record<string, Tensor>, options: { strict?: boolean } = {}): LoadResult {
    if (!isPlainObject(dict))
      throw expected("Module.loadStateDict", "an object of tensors by name", "dict", dict);
    const { strict } = mergeOptions("Module.loadStateDict", { strict: true }, options);
    return loadInto(this.constructor.name, this.#state(), dict, strict);
  }

  #state(
    prefix = "",
    state = new Map<string, StateEntry>(),
    parents: readonly Module[] = [],
  ): Map<string, StateEntry> {
    if (parents.includes(this)) return state;
    for (const [name, tensor] of this.ownParameters()) state.set(prefix + name, { tensor });
    for (const { name, buffer, persistent, mayBeMissing } of this.ownBuffers())
      if (persistent) state.set(prefix + name, { tensor: buffer, mayBeMissing });
    for (const [name, child] of this.namedChildren())
      child.#state(`${prefix}${name}.`, state, [...parents, this]);
    return state;
  }

  /**
   * A copy with parameters, buffers and children of its own and the very same values, but without gradients. What is
   * shared inside of the module is shared inside of the copy. Nothing is drawn from a generator.
   */
  deepCopy(): this {
    return deepCopy(this);
  }

  /** For {@link deepCopy}: a copy, with the copies of its parts from the copier. @internal */
  copyWith(copier: Copier): this {
    const copy = copier.remember(this, this.blankCopy());
    for (const [name, persistent] of this.#buffers) copy.#buffers.set(name, persistent);
    for (const [name, value] of Object.entries(this)) Reflect.set(copy, name, copier.copy(value));
    return copy;
  }

  /** A module of this class without its properties. A class with private members (#) of its own has to override it. */
  protected blankCopy(): this {
    return Reflect.construct(Module, [], this.constructor);
  }

  /** What {@link toString} prints before the parentheses. */
  protected printedName(): string {
    return this.constructor.name;
  }

  /** What {@link toString} prints between the parentheses: the module's own facts. */
  extraRepr(): string {
    return "";
  }

  /** Prints as in Python: `Linear(in_features=2, out_features=8, bias=True)`. */
  toString(): string {
    return this.#print([]);
  }

  [inspect.custom](): string {
    return this.toString();
  }

  #print(parents: readonly Module[]): string {
    const name = this.printedName();
    if (parents.includes(this)) return `${name}(...)`;
    const children = this.namedChildren().map(
      ([key, child]) => [key, child.#print([...parents, this])] as const,
    );
    return printModule(name, this.extraRepr(), this.foldChildren(children));
  }

  /** How the printed children are listed. */
  protected foldChildren(
    children: readonly (readonly [string, string])[],
  ): readonly (readonly [string, string])[] {
    return children;
  }
}
