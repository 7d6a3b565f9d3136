import { formatFloat } from "../../format-float.ts";
import { boolean, mergeOptions, number, oneOf } from "../../options.ts";
import { type FactoryOptions, factoryDefaults } from "./factory.ts";
import { UnaryModule } from "./native-module.ts";
import type { Parameter } from "./parameter.ts";
import { literal } from "./representation.ts";
import { size } from "./sizes.ts";

/** Whether an activation changes its input. */
export interface InplaceOptions {
  /** Whether it overwrites its input; false by default. */
  inplace?: boolean;
}

type Options = Record<string, number | boolean>;

function readOptions<T extends Options>(where: string, defaults: T, given: Partial<T> | undefined): T {
  const options = mergeOptions<T>(where, defaults, given);
  for (const [name, value] of Object.entries(defaults)) {
    if (typeof value === "boolean") boolean(where, name, options[name]);
    else number(where, name, options[name]);
  }
  return options;
}

/** An activation of LibTorch's, its options all floats but `inplace`, which it prints only where it is true. */
abstract class Activation<T extends Options> extends UnaryModule {
  readonly options: Readonly<T>;

  constructor(kind: string, defaults: T, given?: Partial<T>) {
    const options = readOptions(`nn.${kind}`, defaults, given);
    super(kind, options);
    this.options = options;
  }

  override extraRepr(): string {
    return printOptions(this.options);
  }
}

function printOptions(options: Options): string {
  return Object.entries(options)
    .filter(([, value]) => value !== false)
    .map(([name, value]) => {
      const snake = name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
      return `${snake}=${typeof value === "number" ? formatFloat(value) : literal(value)}`;
    })
    .join(", ");
}

/** `max(0, x)`. @see https://pytorch.org/docs/stable/generated/torch.nn.ReLU.html */
export class ReLU extends Activation<{ inplace: boolean }> {
  constructor(options?: InplaceOptions) {
    super("ReLU", { inplace: false }, options);
  }
}

/** `min(max(0, x), 6)`. @see https://pytorch.org/docs/stable/generated/torch.nn.ReLU6.html */
export class ReLU6 extends Activation<{ inplace: boolean }> {
  constructor(options?: InplaceOptions) {
    super("ReLU6", { inplace: false }, options);
  }
}

/** `x` above 0, else `negativeSlope * x` (0.01). @see https://pytorch.org/docs/stable/generated/torch.nn.LeakyReLU.html */
export class LeakyReLU extends Activation<{ negativeSlope: number; inplace: boolean }> {
  constructor(options?: { negativeSlope?: number } & InplaceOptions) {
    super("LeakyReLU", { negativeSlope: 0.01, inplace: false }, options);
  }
}

/**
 * Leaky ReLU whose slope is drawn between `lower` (1/8) and `upper` (1/3) in training.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.RReLU.html
 */
export class RReLU extends Activation<{ lower: number; upper: number; inplace: boolean }> {
  constructor(options?: { lower?: number; upper?: number } & InplaceOptions) {
    super("RReLU", { lower: 1 / 8, upper: 1 / 3, inplace: false }, options);
  }
}

/**
 * Leaky ReLU that learns its slope, one for all channels or one for each.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.PReLU.html
 */
export class PReLU extends UnaryModule {
  readonly numParameters: number;
  /** [numParameters] */
  declare weight: Parameter;

  /**
   * @param options.numParameters - 1 by default, or the number of channels
   * @param options.init - the slope to start from; 0.25 by default
   */
  constructor(options?: { numParameters?: number; init?: number } & FactoryOptions) {
    const defaults = { ...factoryDefaults, numParameters: 1, init: 0.25 };
    const { numParameters, init, ...factory } = mergeOptions<typeof defaults>("nn.PReLU", defaults, options);
    super("PReLU", {
      ...factory,
      numParameters: size("nn.PReLU", "numParameters", numParameters),
      init: number("nn.PReLU", "init", init),
    });
    this.numParameters = numParameters;
  }

  override extraRepr(): string {
    return `num_parameters=${this.numParameters}`;
  }
}

/** `x` above 0, else `alpha (exp(x) - 1)` (1). @see https://pytorch.org/docs/stable/generated/torch.nn.ELU.html */
export class ELU extends Activation<{ alpha: number; inplace: boolean }> {
  constructor(options?: { alpha?: number } & InplaceOptions) {
    super("ELU", { alpha: 1, inplace: false }, options);
  }
}

/** ELU with a smooth derivative. @see https://pytorch.org/docs/stable/generated/torch.nn.CELU.html */
export class CELU extends Activation<{ alpha: number; inplace: boolean }> {
  constructor(options?: { alpha?: number } & InplaceOptions) {
    super("CELU", { alpha: 1, inplace: false }, options);
  }
}

/** Self-normalizing ELU. @see https://pytorch.org/docs/stable/generated/torch.nn.SELU.html */
export class SELU extends Activation<{ inplace: boolean }> {
  constructor(options?: InplaceOptions) {
    super("SELU", { inplace: false }, options);
  }
}

/**
 * `x` times the normal distribution's probability below `x`.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.GELU.html
 */
export class GELU extends UnaryModule {
  readonly approximate: "none" | "tanh";

  /** @param options.approximate - "none" by default, or "tanh" for the estimate with tanh */
  constructor(options?: { approximate?: "none" | "tanh" }) {
    const defaults: { approximate: "none" | "tanh" } = { approximate: "none" };
    const { approximate } = mergeOptions("nn.GELU", defaults, options);
    super("GELU", { approximate: oneOf("nn.GELU", "approximate", approximate, ["none", "tanh"]) });
    this.approximate = approximate;
  }

  override extraRepr(): string {
    return `approximate='${this.approximate}'`;
  }
}

/** `x` between `minVal` (-1) and `maxVal` (1). @see https://pytorch.org/docs/stable/generated/torch.nn.Hardtanh.html */
export class Hardtanh extends Activation<{ minVal: number; maxVal: number; inplace: boolean }> {
  constructor(options?: { minVal?: number; maxVal?: number } & InplaceOptions) {
    super("Hardtanh", { minVal: -1, maxVal: 1, inplace: false }, options);
    number("nn.Hardtanh", "maxVal", this.options.maxVal, { above: this.options.minVal });
  }
}

/**
 * `log(1 + exp(beta x)) / beta` (1), and `x` itself where `beta x` is past `threshold` (20).
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Softplus.html
 */
export class Softplus extends Activation<{ beta: number; threshold: number }> {
  constructor(options?: { beta?: number; threshold?: number }) {
    super("Softplus", { beta: 1, threshold: 20 }, options);
  }
}

/** `x` above `threshold`, else `value`. @see https://pytorch.org/docs/stable/generated/torch.nn.Threshold.html */
export class Threshold extends UnaryModule {
  readonly threshold: number;
  readonly value: number;
  readonly inplace: boolean;

  constructor(threshold: number, value: number, options?: InplaceOptions) {
    const where = "nn.Threshold";
    const { inplace } = readOptions<{ inplace: boolean }>(where, { inplace: false }, options);
    super("Threshold", {
      threshold: number(where, "threshold", threshold),
      value: number(where, "value", value),
      inplace,
    });
    this.threshold = threshold;
    this.value = value;
    this.inplace = inplace;
  }

  override extraRepr(): string {
    return `threshold=${this.threshold}, value=${this.value}${this.inplace ? ", inplace=True" : ""}`;
  }
}

/** `1 / (1 + exp(-x))`. @see https://pytorch.org/docs/stable/generated/torch.nn.Sigmoid.html */
export class Sigmoid extends UnaryModule {
  constructor() {
    super("Sigmoid", {});
  }
}

/** `log(1 / (1 + exp(-x)))`. @see https://pytorch.org/docs/stable/generated/torch.nn.LogSigmoid.html */
export class LogSigmoid extends UnaryModule {
  constructor() {
    super("LogSigmoid", {});
  }
}

/** The hyperbolic tangent. @see https://pytorch.org/docs/stable/generated/torch.nn.Tanh.html */
export class Tanh extends UnaryModule {
  constructor() {
    super("Tanh", {});
  }
}

/** `x - tanh(x)`. @see https://pytorch.org/docs/stable/generated/torch.nn.Tanhshrink.html */
export class Tanhshrink extends UnaryModule {
  constructor() {
    super("Tanhshrink", {});
  }
}

/** `x / (1 + |x|)`. @see https://pytorch.org/docs/stable/generated/torch.nn.Softsign.html */
export class Softsign extends UnaryModule {
  constructor() {
    super("Softsign", {});
  }
}

abstract class Shrink extends Activation<{ lambd: number }> {
  override extraRepr(): string {
    return formatFloat(this.options.lambd);
  }
}

/** `x`, but 0 within `lambd` (0.5) of it. @see https://pytorch.org/docs/stable/generated/torch.nn.Hardshrink.html */
export class Hardshrink extends Shrink {
  constructor(options?: { lambd?: number }) {
    super("Hardshrink", { lambd: 0.5 }, options);
  }
}

/** `x` moved towards 0 by `lambd` (0.5). @see https://pytorch.org/docs/stable/generated/torch.nn.Softshrink.html */
export class Softshrink extends Shrink {
  constructor(options?: { lambd?: number }) {
    super("Softshrink", { lambd: 0.5 }, options);
    number("nn.Softshrink", "lambd", this.options.lambd, { min: 0 });
  }
}
