import { expected } from "../../errors.ts";
import { native } from "../native.ts";
import { keep, scope } from "../scope.ts";
import { Tensor } from "../tensor.ts";
import { readFactory } from "./factory.ts";
import { Module } from "./module.ts";
import { Parameter } from "./parameter.ts";
import type { OwnBuffer } from "./state-dict.ts";

/**
 * A module of LibTorch's own. Each parameter and buffer that LibTorch gives it is a property, with the name of the
 * state dict in camelCase (`running_mean` is `runningMean`); assigning another parameter shares it (tied weights).
 */
export abstract class NativeModule extends Module {
  readonly #kind: string;
  readonly #options: object;
  /** The tensors by the names of the state dict; null where there is none. */
  readonly #parameters = new Map<string, Parameter | null>();
  readonly #buffers = new Map<string, Tensor | null>();

  /**
   * @param kind - the name in the registry, native/torch/nn
   * @param options - checked and complete: every field is read by its name; only the dtype and the device of the
   *   tensors, where it has some, are checked here
   */
  constructor(kind: string, options: object) {
    super();
    this.#kind = kind;
    this.#options = { ...options, ...readFactory(`nn.${kind}`, options) };
    native.moduleInit(this, kind, this.#options);
    scope(() => {
      for (const { name, isBuffer, tensor } of native.moduleTensors(this)) {
        if (isBuffer) this.#hold(name, this.#buffers, Tensor, tensor && keep(tensor));
        else this.#hold(name, this.#parameters, Parameter, tensor && new Parameter(tensor));
      }
    });
  }

  #hold<T extends Tensor>(
    name: string,
    held: Map<string, T | null>,
    type: abstract new (...args: never[]) => T,
    initial: T | null,
  ): void {
    const property = name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
    const set = (tensor: T | null) => {
      if (tensor !== null && !(tensor instanceof type)) {
        throw expected(this.constructor.name, `a ${type.name} or null`, property, tensor);
      }
      native.moduleSetTensor(this, name, tensor);
      held.set(name, tensor && keep(tensor));
    };
    set(initial);
    Object.defineProperty(this, property, { get: () => held.get(name), set, enumerable: true });
  }

  protected override blankCopy(): this {
    return Reflect.construct(NativeModule, [this.#kind, this.#options], this.constructor);
  }

  /** @internal */
  protected override ownParameters(): [string, Parameter][] {
    const held = [...this.#parameters].filter((entry): entry is [string, Parameter] => entry[1] !== null);
    const ours = new Set<Parameter | null>(this.#parameters.values());
    return [...held, ...super.ownParameters().filter(([, parameter]) => !ours.has(parameter))];
  }

  protected override ownBuffers(): OwnBuffer[] {
    const held = [...this.#buffers].flatMap(([name, buffer]) =>
      buffer ? [{ name, buffer, persistent: true }] : [],
    );
    return [...held, ...super.ownBuffers()];
  }

  /** Runs LibTorch's forward pass in the mode that the module is in. */
  protected run(...inputs: Tensor[]): Tensor {
    return native.moduleForward(this, inputs, this.training);
  }
}

/** A module of LibTorch's that takes one tensor. */
export abstract class UnaryModule extends NativeModule {
  override forward(input: Tensor): Tensor {
    return this.run(input);
  }
}
