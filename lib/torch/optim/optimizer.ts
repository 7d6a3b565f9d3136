import { expected } from "../../errors.ts";
import { boolean, isPlainObject, mergeOptions, number, oneOf, type Partially } from "../../options.ts";
import { native } from "../native.ts";
import type { Tensor } from "../tensor.ts";
import type { EpilogueOptions, EpilogueResult } from "./epilogue.ts";
import {
  type GroupOptions,
  groupsOf,
  listOf,
  liveGroup,
  type OptimizerParameters,
  type ParamGroup,
  type ParamGroupOptions,
} from "./param-groups.ts";

/** Options of every optimizer. */
export interface OptimizerOptions {
  /** The learning rate. */
  lr: number;
  /** L2 penalty. Default: 0. */
  weightDecay: number;
  /** Climb instead of descending. Default: false. */
  maximize: boolean;
  /**
   * "fused" (default): one kernel per parameter. "foreach": PyTorch's own sequence of operators, whose results equal
   * those of Python's default on the CPU to the bit. After 100 steps of Adam the two differ by some 3e-6, relatively.
   */
  implementation: "fused" | "foreach";
  /**
   * Keep a float32 copy of each parameter in bfloat16 or float16 (`master_param` in the state), update that, and round
   * the parameter to it: small updates then add up that would vanish in 16 bits. The copy is made at the parameter's
   * first gradient, and what is written into the parameter by others after that is lost. Default: false.
   */
  masterWeights: boolean;
}

/** The defaults that all optimizers share. */
export const optimizerDefaults = {
  weightDecay: 0,
  maximize: false,
  implementation: "fused",
  masterWeights: false,
} as const;

/** What one optimizer is, beside its class: the native rule, and the options with their defaults and checks. */
export interface Algorithm<Options extends OptimizerOptions> {
  where: string;
  kind: "sgd" | "adam" | "adamw" | "adamax" | "rmsprop" | "adagrad" | "nadam" | "radam";
  defaults: Options;
  /** Checks the options that not every optimizer has. */
  check(where: string, options: GroupOptions<Options>): void;
}

/** The options of a group of parameters and their places, in Python's spelling. */
export interface ParameterGroup {
  lr: number;
  params: number[];
  [option: string]: unknown;
}

/** What PyTorch's `Optimizer.state_dict()` holds, in Python's spelling, so that it can travel both ways. */
export interface OptimizerStateDict {
  /** By the place of the parameter: its tensors, such as `step` and `exp_avg`. Absent before its first gradient. */
  state: Record<number, Record<string, Tensor>>;
  param_groups: ParameterGroup[];
}

/**
 * Updates parameters from their gradients. A parameter without a gradient is left alone: its state does not advance.
 *
 * Groups of parameters can have options of their own:
 *
 *     new optim.SGD([{ params: trunk.parameters(), lr: 0.001 }, { params: head.parameters() }], { lr: 0.01 })
 *
 * @see https://pytorch.org/docs/stable/optim.html
 */
export abstract class Optimizer<Options extends OptimizerOptions = OptimizerOptions> {
  readonly #algorithm: Algorithm<Options>;
  readonly #defaults: GroupOptions<Options>;
  readonly #options: GroupOptions<Options>[] = [];
  readonly #groups: ParamGroup<Options>[] = [];

  /**
   * @throws TypeError for an unknown option or a value out of its range, and unless the parameters are one or more
   *   distinct leaf tensors of a floating dtype.
   * @internal
   */
  protected constructor(
    algorithm: Algorithm<Options>,
    parameters: OptimizerParameters<Options>,
    options?: Partially<Options>,
  ) {
    const { where } = algorithm;
    this.#algorithm = algorithm;
    const merged = mergeOptions(where, algorithm.defaults, options);
    const { implementation, masterWeights, ...defaults } = merged;
    oneOf(where, "implementation", implementation, ["fused", "foreach"]);
    boolean(where, "masterWeights", masterWeights);
    this.#defaults = this.#check(where, defaults);
    native.optimizerInit(this, implementation === "fused", masterWeights);
    for (const group of groupsOf(where, parameters)) this.addParamGroup(group);
    if (this.parameters.length === 0) {
      throw expected(where, "at least one parameter", "parameters", parameters);
    }
  }

  /** The groups of parameters; one, where the parameters were given by themselves. */
  get paramGroups(): readonly ParamGroup<Options>[] {
    return this.#groups;
  }

  /** The parameters of all groups, in their order. */
  get parameters(): readonly Tensor[] {
    return this.#groups.flatMap(({ params }) => params);
  }

  /** The learning rate of the steps to come: that of the first group. Setting it sets every group's. */
  get lr(): number {
    return this.#options[0]?.lr as number;
  }

  set lr(lr: number) {
    for (const group of this.#groups) group.lr = lr;
  }

  /**
   * Adds a group of parameters, whose options are the optimizer's where they are not given.
   *
   * @throws TypeError for an unknown option, one out of its range, or a parameter that is in a group already; then
   *   nothing is added.
   */
  addParamGroup(group: ParamGroupOptions<Options>): void {
    const index = this.#groups.length;
    const where = `${this.#algorithm.where}.paramGroups[${index}]`;
    if (!isPlainObject(group)) throw expected(where, "an object with params", "group", group);
    const { params, ...given } = group;
    const options = this.#check(where, mergeOptions<object>(where, this.#defaults, given));
    const list = listOf(where, params);
    native.optimizerAddGroup(this, this.#algorithm.kind, list, options);
    this.#options.push(options);
    this.#groups.push(
      liveGroup(
        list,
        () => this.#options[index] as GroupOptions<Options>,
        (changed) => this.#setOptions(index, this.#check(where, changed)),
      ),
    );
  }

  /** Updates every parameter that has a gradient. */
  step(): void {
    native.optimizerStep(this, this.#rates());
  }

  /**
   * All of a training step that comes after `backward`, in one native call: checks the losses and the gradients, clips,
   * updates the parameters, and sets the gradients to null. Where `badLoss` or `badGradient` is not null, nothing was
   * changed.
   *
   * @throws TypeError or Error, before anything is changed, if a loss has not exactly one element, a gradient does not
   *   fit its parameter, or there is not one rate per group.
   */
  epilogue(losses: readonly Tensor[], options: EpilogueOptions = {}): EpilogueResult {
    const { rate = this.#rates(), gradClip = 0, checkFinite = true, sums = null, isUpdate = true } = options;
    return native.epilogue(this, losses, rate, gradClip, checkFinite, sums?.handle ?? null, isUpdate);
  }

  /**
   * Sets the order in which {@link epilogue} takes the gradients into their total norm, which depends on it in its last
   * bit: `model.parameters()` makes it that of `clipGradNorm(model.parameters(), ...)`. By default it is the groups'.
   *
   * @throws TypeError unless these are the optimizer's parameters, each once.
   */
  setGradientOrder(parameters: Iterable<Tensor>): void {
    native.optimizerSetGradientOrder(this, listOf(this.#algorithm.where, parameters));
  }

  /** Sets every gradient to null. */
  zeroGrad(): void {
    native.optimizerZeroGrad(this);
  }

  /** The state and the options. The tensors are the optimizer's own, not copies: later steps change them. */
  stateDict(): OptimizerStateDict {
    const states = native.optimizerState(this);
    let place = 0;
    return {
      state: Object.fromEntries(states.flatMap((state, i) => (state === null ? [] : [[i, state]]))),
      param_groups: this.#groups.map(({ params, ...options }) => ({
        ...(spell(options) as { lr: number }),
        params: params.map(() => place++),
      })),
    };
  }

  /**
   * Takes over copies of a state, and its options with the learning rates; the implementation stays. Options that this
   * optimizer does not have, such as PyTorch's `foreach`, are passed over.
   *
   * @throws TypeError if the state is not one of this optimizer's for the same groups and shapes of parameters; then
   *   nothing has changed.
   */
  loadStateDict(dict: OptimizerStateDict): void {
    const { where, kind } = this.#algorithm;
    if (!isPlainObject(dict) || !isPlainObject(dict.state) || !Array.isArray(dict.param_groups)) {
      throw expected(where, "an object with state and param_groups", "dict", dict);
    }
    const groups = this.#groups;
    if (dict.param_groups.length !== groups.length) {
      const count = groups.length === 1 ? "one parameter group" : `${groups.length} parameter groups`;
      throw expected(where, count, "param_groups", dict.param_groups);
    }
    const options = dict.param_groups.map((saved, i) => {
      const name = `param_groups[${i}]`;
      const { length } = groups[i]?.params ?? [];
      if (!Array.isArray(saved?.params) || saved.params.length !== length) {
        throw expected(where, `${length} parameters`, `${name}.params`, saved?.params);
      }
      const own = this.#options[i] as GroupOptions<Options>;
      const known = Object.keys(own).filter((option) => snakeCase(option) in saved);
      const given = Object.fromEntries(known.map((option) => [option, saved[snakeCase(option)]]));
      return this.#check(`${where}.${name}`, { ...own, ...given });
    });
    const places = dict.param_groups.flatMap(({ params }) => params);
    const states = places.map((place) => dict.state[place] ?? null);
    native.optimizerLoadState(this, kind, options, states);
    this.#options.splice(0, options.length, ...options);
  }

  /** Frees the state now. Every use after that is an error. */
  dispose(): void {
    native.optimizerDispose(this);
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  #rates(): number | number[] {
    return this.#options.length === 1 ? this.lr : this.#options.map(({ lr }) => lr);
  }

  /** The learning rate goes with every step; native code need not know of its change. */
  #setOptions(index: number, options: GroupOptions<Options>): void {
    const { lr: _, ...before } = this.#options[index] as GroupOptions<Options>;
    const isNews = Object.entries(before).some(([name, value]) => value !== Reflect.get(options, name));
    if (isNews) native.optimizerSetOptions(this, this.#algorithm.kind, index, options);
    this.#options[index] = options;
  }

  #check(where: string, options: object): GroupOptions<Options> {
    const checked = options as GroupOptions<Options>;
    number(where, "lr", checked.lr, { min: 0 });
    number(where, "weightDecay", checked.weightDecay, { min: 0 });
    boolean(where, "maximize", checked.maximize);
    this.#algorithm.check(where, checked);
    return checked;
  }
}

/** Options in Python's spelling. */
function spell(options: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(options).map(([name, value]) => [snakeCase(name), value]));
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
