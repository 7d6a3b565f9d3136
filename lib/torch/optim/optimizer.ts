import { expected } from "../../errors.ts";
import { mergeOptions, number, oneOf, type Partially } from "../../options.ts";
import { native } from "../native.ts";
import { Tensor } from "../tensor.ts";
import type { EpilogueOptions, EpilogueResult } from "./epilogue.ts";

/** Options of every optimizer. */
export interface OptimizerOptions {
  /** The learning rate. */
  lr: number;
  /** Climb instead of descending. Default: false. */
  maximize: boolean;
  /**
   * "fused" (default): one kernel per parameter. "foreach": PyTorch's own sequence of operators, whose results equal
   * those of Python's default to the bit. After 100 steps of Adam the two differ by some 3e-6, relatively.
   */
  implementation: "fused" | "foreach";
}

/** What one optimizer is, beside its class: the native rule, and the options with their defaults and checks. */
export interface Algorithm<Options extends OptimizerOptions> {
  where: string;
  kind: "sgd" | "adam" | "adamw" | "adamax";
  defaults: Options;
  /** Checks the options that only this algorithm has. */
  check(where: string, options: Options): void;
}

/** The options of an optimizer's parameters and their places, in Python's spelling. */
export interface ParameterGroup {
  lr: number;
  params: number[];
  [option: string]: unknown;
}

/** What PyTorch's `Optimizer.state_dict()` holds, in Python's spelling, so that it can travel both ways. */
export interface OptimizerStateDict {
  /** By the place of the parameter: its tensors, such as `step` and `exp_avg`. Absent before its first gradient. */
  state: Record<number, Record<string, Tensor>>;
  /** Exactly one. */
  param_groups: ParameterGroup[];
}

/**
 * Updates parameters from their gradients. A parameter without a gradient is left alone: its state does not advance.
 *
 * @see https://pytorch.org/docs/stable/optim.html
 */
export abstract class Optimizer<Options extends OptimizerOptions = OptimizerOptions> {
  readonly parameters: readonly Tensor[];
  readonly #algorithm: Algorithm<Options>;
  #options: Options;

  /**
   * @throws TypeError for an unknown option or a value out of its range, and unless the parameters are one or more
   *   distinct leaf tensors of a floating dtype.
   */
  protected constructor(
    algorithm: Algorithm<Options>,
    parameters: Iterable<Tensor>,
    options?: Partially<Options>,
  ) {
    const { where, kind, defaults } = algorithm;
    this.#algorithm = algorithm;
    this.#options = this.#check(mergeOptions(where, defaults, options));
    this.parameters = listOf(where, parameters);
    native.optimizerInit(
      this,
      kind,
      this.parameters,
      this.#options,
      this.#options.implementation === "fused",
    );
  }

  /** The learning rate of the steps to come. */
  get lr(): number {
    return this.#options.lr;
  }

  set lr(lr: number) {
    this.#options = { ...this.#options, lr: number(this.#algorithm.where, "lr", lr, { min: 0 }) };
  }

  /** Updates every parameter that has a gradient. */
  step(): void {
    native.optimizerStep(this, this.lr);
  }

  /**
   * All of a training step that comes after `backward`, in one native call: checks the losses and the gradients, clips,
   * updates the parameters, and sets the gradients to null. Where `badLoss` or `badGradient` is not null, nothing was
   * changed.
   *
   * @throws TypeError or Error, before anything is changed, if a loss has not exactly one element or a gradient does not
   *   fit its parameter.
   */
  epilogue(losses: readonly Tensor[], options: EpilogueOptions = {}): EpilogueResult {
    const { rate = this.lr, gradClip = 0, checkFinite = true } = options;
    return native.epilogue(this, losses, rate, gradClip, checkFinite);
  }

  /** Sets every gradient to null. */
  zeroGrad(): void {
    native.optimizerZeroGrad(this);
  }

  /** The state and the options. The tensors are the optimizer's own, not copies: later steps change them. */
  stateDict(): OptimizerStateDict {
    const states = native.optimizerState(this);
    const { implementation, ...options } = this.#options;
    const spelled = Object.entries(options).map(([name, value]) => [snakeCase(name), value]);
    return {
      state: Object.fromEntries(states.flatMap((state, i) => (state === null ? [] : [[i, state]]))),
      param_groups: [{ lr: this.lr, ...Object.fromEntries(spelled), params: states.map((_, i) => i) }],
    };
  }

  /**
   * Takes over copies of a state, and its options with the learning rate; the implementation stays. Options that this
   * optimizer does not have, such as PyTorch's `foreach`, are passed over.
   *
   * @throws TypeError if the state is not one of this optimizer's for the same number and shapes of parameters; then
   *   nothing has changed.
   */
  loadStateDict(dict: OptimizerStateDict): void {
    const { where, kind } = this.#algorithm;
    const [group, ...others] = dict.param_groups;
    if (group === undefined || others.length > 0) {
      throw expected(where, "one parameter group", "param_groups", dict.param_groups);
    }
    if (group.params.length !== this.parameters.length) {
      throw expected(where, `${this.parameters.length} parameters`, "param_groups[0].params", group.params);
    }
    const names = Object.keys(this.#options).filter((name) => snakeCase(name) in group);
    const given = Object.fromEntries(names.map((name) => [name, group[snakeCase(name)]]));
    const options = this.#check({ ...this.#options, ...given });
    const states = group.params.map((place) => dict.state[place] ?? null);
    native.optimizerLoadState(this, kind, options, states);
    this.#options = options;
  }

  /** Frees the state now. Every use after that is an error. */
  dispose(): void {
    native.optimizerDispose(this);
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  #check(options: Options): Options {
    const { where, check } = this.#algorithm;
    number(where, "lr", options.lr, { min: 0 });
    oneOf(where, "implementation", options.implementation, ["fused", "foreach"]);
    check(where, options);
    return options;
  }
}

/** The tensors of an iterable, or the one tensor. */
export function listOf(where: string, parameters: Tensor | Iterable<Tensor>): Tensor[] {
  if (parameters instanceof Tensor) return [parameters];
  if (typeof parameters !== "object" || parameters === null || !(Symbol.iterator in parameters)) {
    throw expected(where, "tensors", "parameters", parameters, "Pass module.parameters()");
  }
  return [...parameters];
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
