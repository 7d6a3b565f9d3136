import { isPlainObject, oneOf } from "../options.ts";
import { type Dtype, isFloating } from "../torch/dtype.ts";
import { autocast, Tensor } from "../torch/index.ts";

/**
 * In what a model computes.
 *
 * - "float32": in what its weights and inputs are.
 * - "float64", "bf16": weights, buffers and inputs are of that dtype (bfloat16).
 * - "bf16-mixed": weights stay float32; operators that allow it compute in bfloat16, by `torch.autocast`.
 */
export type Precision = "float32" | "float64" | "bf16" | "bf16-mixed";

/** All of {@link Precision}. */
export const precisionNames = ["float32", "float64", "bf16", "bf16-mixed"] as const;

const weightDtypes = {
  float32: "float32",
  float64: "float64",
  bf16: "bfloat16",
  "bf16-mixed": "float32",
} as const;

/** The dtype of the weights of a model of that precision. */
export function weightDtype(where: string, precision: Precision): Dtype {
  return weightDtypes[oneOf(where, "precision", precision, precisionNames)];
}

/** What a model does to values on their way through it, so that it computes in its precision. */
export class Computation {
  /** What floating inputs are turned into; null leaves them as they are. */
  readonly #dtype: Dtype | null;
  readonly #isMixed: boolean;

  constructor(dtype: Dtype | null = null, options: { isMixed?: boolean } = {}) {
    this.#dtype = dtype === "float32" ? null : dtype;
    this.#isMixed = options.isMixed ?? false;
  }

  /** What tells it from others. */
  get signature(): string {
    return `${this.#dtype}${this.#isMixed ? " mixed" : ""}`;
  }

  /** Whether values go through as they are. */
  get #isPlain(): boolean {
    return this.#dtype === null && !this.#isMixed;
  }

  /** Where the model's own tensors are to go along with a device: their dtype. */
  get dtype(): Dtype | null {
    return this.#dtype;
  }

  /** Runs a forward pass, or that and the loss. `backward` is to be called outside. */
  run<T>(device: string, run: () => T): T {
    if (!this.#isMixed) return run();
    return autocast({ device: device.startsWith("cuda") ? "cuda" : "cpu", dtype: "bfloat16" }, run);
  }

  /** The fields of a batch, or its labels. What needs no change stays the very same object. */
  inputs<T>(values: T): T {
    return this.#dtype === null ? values : (castFloating(values, this.#dtype) as T);
  }

  /** Labels for a loss: a head's output of 16 bits meets them in float32. */
  labels(labels: Tensor): Tensor {
    return this.#dtype === "float64" ? this.inputs(labels) : labels;
  }

  /** A head's output on its way to the loss. Autocast picks a dtype for each part of a loss by itself. */
  lossInput(output: unknown): unknown {
    return this.#isMixed ? output : this.#widened(output);
  }

  /** What an output function gives for a head's output: float32, whatever the model computes in. */
  outputs(outputFunc: (output: Tensor) => Tensor, output: Tensor): Tensor {
    if (this.#isPlain) return outputFunc(output);
    const given = outputFunc(this.#widened(output) as Tensor);
    return given instanceof Tensor && isFloating(given.dtype) ? given.to("float32") : given;
  }

  /** 16 bits are too few for a sum over classes. */
  #widened(output: unknown): unknown {
    const isNarrow = output instanceof Tensor && (output.dtype === "bfloat16" || output.dtype === "float16");
    return isNarrow && !this.#isPlain ? output.to("float32") : output;
  }
}

/** The floating tensors inside arrays and plain objects, however deep, in a dtype. */
function castFloating(value: unknown, dtype: Dtype): unknown {
  if (value instanceof Tensor)
    return isFloating(value.dtype) && value.dtype !== dtype ? value.to(dtype) : value;
  if (Array.isArray(value)) return value.map((element) => castFloating(element, dtype));
  if (!isPlainObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, element]) => [key, castFloating(element, dtype)]),
  );
}
