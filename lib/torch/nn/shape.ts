import { expected } from "../../errors.ts";
import { mergeOptions } from "../../options.ts";
import { UnaryModule } from "./native-module.ts";
import { fields, literal } from "./representation.ts";
import { dimension, maxDimensions } from "./sizes.ts";

/**
 * Makes one dimension out of those from `startDim` to `endDim`.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Flatten.html
 */
export class Flatten extends UnaryModule {
  readonly startDim: number;
  readonly endDim: number;

  /**
   * @param options.startDim - 1 by default
   * @param options.endDim - -1, the last, by default
   */
  constructor(options?: { startDim?: number; endDim?: number }) {
    const { startDim, endDim } = mergeOptions("nn.Flatten", { startDim: 1, endDim: -1 }, options);
    super("Flatten", {
      startDim: dimension("nn.Flatten", "startDim", startDim),
      endDim: dimension("nn.Flatten", "endDim", endDim),
    });
    this.startDim = startDim;
    this.endDim = endDim;
  }

  override extraRepr(): string {
    return fields({ start_dim: literal(this.startDim), end_dim: literal(this.endDim) });
  }
}

/**
 * Makes dimensions of the given sizes out of one; one of the sizes may be -1.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Unflatten.html
 */
export class Unflatten extends UnaryModule {
  readonly dim: number;
  readonly unflattenedSize: readonly number[];

  constructor(dim: number, unflattenedSize: readonly number[]) {
    const where = "nn.Unflatten";
    if (
      !Array.isArray(unflattenedSize) ||
      unflattenedSize.length === 0 ||
      unflattenedSize.length > maxDimensions
    ) {
      throw expected(where, `an array of 1 to ${maxDimensions} sizes`, "unflattenedSize", unflattenedSize);
    }
    for (const value of unflattenedSize) dimension(where, "unflattenedSize", value);
    super("Unflatten", { dim: dimension(where, "dim", dim), unflattenedSize });
    this.dim = dim;
    this.unflattenedSize = [...unflattenedSize];
  }

  override extraRepr(): string {
    return fields({ dim: literal(this.dim), unflattened_size: literal(this.unflattenedSize) });
  }
}
