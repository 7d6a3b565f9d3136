import { expected, unknownName } from "../../errors.ts";
import { native } from "../native.ts";
import type { NativeHandle } from "../native-api.ts";
import { Module } from "../nn/module.ts";
import { Parameter, parameterOf } from "../nn/parameter.ts";
import { keep } from "../scope.ts";
import type { Tensor } from "../tensor.ts";

/**
 * What goes into a method and comes out of it. `null` is None; lists and tuples are arrays; a dictionary is an object, or
 * an array of `[key, value]` where its keys are no strings.
 */
export type ScriptValue =
  | Tensor
  | number
  | bigint
  | boolean
  | string
  | null
  | readonly ScriptValue[]
  | { readonly [key: string]: ScriptValue };

/** A module of a TorchScript file as native code describes it; see native/torch/script_module.cc. */
export interface ScriptDescription {
  module: NativeHandle<"ScriptModule">;
  originalName: string;
  /** Null where the program has no mode, as after `torch.jit.freeze`. */
  training: boolean | null;
  /** Names, and numbers that tell distinct tensors of the file apart. */
  parameters: [name: string, id: number][];
  buffers: [name: string, id: number][];
  methods: string[];
  /** Names, and places in the list of descriptions. */
  children: [name: string, place: number][];
}

/** The modules of a file, from that of the root. */
export function scriptModule(root: NativeHandle<"ScriptModule">): ScriptModule {
  const descriptions = native.scriptModules(root);
  const children = descriptions.map(() => [] as [string, Module][]);
  const tensors = new Map<number, Tensor>();
  const modules = descriptions.map(
    (description, i) => new ScriptModule(description, children[i] ?? [], tensors),
  );
  for (const [i, description] of descriptions.entries()) {
    for (const [name, place] of description.children)
      children[i]?.push([name, modules[place] as ScriptModule]);
  }
  return modules[0] as ScriptModule;
}

/**
 * A module of a TorchScript file, made by `torch.jit.load`. Its parameters and buffers are those that the program
 * computes with, under their names in Python, so it trains, moves, saves and loads like a module of one's own.
 *
 * The program runs operator by operator, as its code says, without the optimizations by which LibTorch's executor
 * changes it from call to call: its numbers are those of the Python module that was scripted.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.jit.ScriptModule.html
 */
export class ScriptModule extends Module {
  /** The name of the class in Python. */
  readonly originalName: string;
  /** What can be called: `forward`, methods under `@torch.jit.export`, and those that they call. */
  readonly methodNames: readonly string[];
  readonly #handle: NativeHandle<"ScriptModule">;
  readonly #children: readonly [string, Module][];
  /** The tensors as they were last seen, by name. */
  readonly #parameters = new Map<string, Parameter>();
  readonly #buffers = new Map<string, Tensor>();

  /**
   * @param tensors - those of the file that other modules of it hold already, by their numbers
   * @internal
   */
  constructor(
    description: ScriptDescription,
    children: readonly [string, Module][],
    tensors: Map<number, Tensor>,
  ) {
    super();
    this.originalName = description.originalName;
    this.methodNames = description.methods;
    this.#handle = description.module;
    this.#children = children;
    let training = description.training ?? false;
    Object.defineProperty(this, "training", {
      get: () => training,
      set: (mode: boolean) => {
        native.scriptSetTraining(this.#handle, mode);
        training = mode;
      },
      enumerable: true,
    });
    for (const [name, id] of description.parameters) tensors.set(id, this.#parameter(name, tensors.get(id)));
    for (const [name, id] of description.buffers) tensors.set(id, this.#buffer(name, tensors.get(id)));
  }

  /** Runs the program's `forward`. Arguments go by position, as {@link call} takes them. */
  override forward(...inputs: unknown[]): unknown {
    return this.call("forward", ...(inputs as ScriptValue[]));
  }

  /**
   * Runs a method. Each argument is checked against its declared type; `undefined` means its default.
   *
   * @throws TypeError for a method that there is not, naming the nearest, or an argument of another type.
   * @throws Error with the place in the program, where an operator fails or the program raises an exception.
   */
  call(method: string, ...args: (ScriptValue | undefined)[]): ScriptValue {
    const where = `ScriptModule ${this.originalName}`;
    if (typeof method !== "string") throw expected(where, "a method's name", "method", method);
    if (!this.methodNames.includes(method)) throw unknownName(where, "method", method, this.methodNames);
    return native.scriptCall(this.#handle, method, args);
  }

  override namedChildren(): [string, Module][] {
    return [...this.#children, ...super.namedChildren()];
  }

  protected override ownParameters(): [string, Parameter][] {
    const own = [...this.#parameters].map(([name, held]): [string, Parameter] => [
      name,
      this.#parameter(name, held),
    ]);
    return [...own, ...super.ownParameters()];
  }

  protected override ownBuffers(): { name: string; buffer: Tensor; persistent: boolean }[] {
    const own = [...this.#buffers].map(([name, held]) => ({
      name,
      buffer: this.#buffer(name, held),
      persistent: true,
    }));
    return [...own, ...super.ownBuffers()];
  }

  /** The parameter of that name: the one that was held, unless the program has assigned another tensor. */
  #parameter(name: string, held: Tensor | undefined): Parameter {
    const now = native.scriptTensor(this.#handle, name, held ?? null);
    const parameter = now instanceof Parameter ? now : parameterOf(now);
    if (parameter !== now) now.dispose();
    this.#parameters.set(name, parameter);
    return parameter;
  }

  #buffer(name: string, held: Tensor | undefined): Tensor {
    const now = keep(native.scriptTensor(this.#handle, name, held ?? null));
    this.#buffers.set(name, now);
    return now;
  }

  protected override printedName(): string {
    return "RecursiveScriptModule";
  }

  override extraRepr(): string {
    return `original_name=${this.originalName}`;
  }
}
