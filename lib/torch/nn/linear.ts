import { boolean, mergeOptions } from "../../options.ts";
import type { Tensor } from "../tensor.ts";
import { type FactoryOptions, factoryDefaults } from "./factory.ts";
import { NativeModule, UnaryModule } from "./native-module.ts";
import type { Parameter } from "./parameter.ts";
import { fields, literal } from "./representation.ts";
import { size } from "./sizes.ts";

export interface LinearOptions extends FactoryOptions {
  /** Whether it adds a learned bias; true by default. */
  bias?: boolean;
}

function readOptions(where: string, given: LinearOptions | undefined) {
  const defaults = { ...factoryDefaults, bias: true };
  const options = mergeOptions<typeof defaults>(where, defaults, given);
  boolean(where, "bias", options.bias);
  return options;
}

/**
 * Gives its input, unchanged.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Identity.html
 */
export class Identity extends UnaryModule {
  constructor() {
    super("Identity", {});
  }
}

/**
 * `input weight^T + bias`: floating [..., inFeatures] to [..., outFeatures].
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Linear.html
 */
export class Linear extends UnaryModule {
  readonly inFeatures: number;
  readonly outFeatures: number;
  /** [outFeatures, inFeatures] */
  declare weight: Parameter;
  /** [outFeatures] */
  declare bias: Parameter | null;

  constructor(inFeatures: number, outFeatures: number, options?: LinearOptions) {
    const where = "nn.Linear";
    super("Linear", {
      inFeatures: size(where, "inFeatures", inFeatures),
      outFeatures: size(where, "outFeatures", outFeatures),
      ...readOptions(where, options),
    });
    this.inFeatures = inFeatures;
    this.outFeatures = outFeatures;
  }

  override extraRepr(): string {
    return fields({
      in_features: literal(this.inFeatures),
      out_features: literal(this.outFeatures),
      bias: literal(this.bias !== null),
    });
  }
}

/**
 * `input1^T weight input2 + bias`: [..., in1Features] and [..., in2Features] to [..., outFeatures].
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Bilinear.html
 */
export class Bilinear extends NativeModule {
  readonly in1Features: number;
  readonly in2Features: number;
  readonly outFeatures: number;
  /** [outFeatures, in1Features, in2Features] */
  declare weight: Parameter;
  /** [outFeatures] */
  declare bias: Parameter | null;

  constructor(in1Features: number, in2Features: number, outFeatures: number, options?: LinearOptions) {
    const where = "nn.Bilinear";
    super("Bilinear", {
      in1Features: size(where, "in1Features", in1Features),
      in2Features: size(where, "in2Features", in2Features),
      outFeatures: size(where, "outFeatures", outFeatures),
      ...readOptions(where, options),
    });
    this.in1Features = in1Features;
    this.in2Features = in2Features;
    this.outFeatures = outFeatures;
  }

  override forward(input1: Tensor, input2: Tensor): Tensor {
    return this.run(input1, input2);
  }

  override extraRepr(): string {
    return fields({
      in1_features: literal(this.in1Features),
      in2_features: literal(this.in2Features),
      out_features: literal(this.outFeatures),
      bias: literal(this.bias !== null),
    });
  }
}
