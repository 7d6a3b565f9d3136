import { boolean, mergeOptions, number } from "../options.ts";
import type { Dtype } from "./dtype.ts";
import { operator } from "./operators.ts";
import type { Tensor } from "./tensor.ts";

/** Options of {@link unique}. */
export interface UniqueOptions {
  /** Whether the elements come in rising order; true by default. They do in any case where `dim` is given. */
  sorted?: boolean;
  /** Whether the place of each element of the input among the unique ones is returned, too; false by default. */
  returnInverse?: boolean;
  /** Whether it is returned how often each of them is there, too; false by default. */
  returnCounts?: boolean;
  /** Along which dimension the parts are compared; null, single elements, by default. */
  dim?: number | null;
}

/** What a tensor has beside its operators for the sake of short programs. */
export interface TensorConveniences {
  /** The tensor as float32. */
  float(): Tensor;
  /** The tensor as float64. */
  double(): Tensor;
  /** The tensor as float16. */
  half(): Tensor;
  /** The tensor as bfloat16. */
  bfloat16(): Tensor;
  /** The tensor as int64. Fractions are cut off. */
  long(): Tensor;
  /** The tensor as int32. Fractions are cut off. */
  int(): Tensor;
  /** The tensor as bool: false where it is 0. */
  bool(): Tensor;
  /** The dimensions in reverse order: a view. */
  readonly T: Tensor;
  /** The last two dimensions swapped: a view. */
  readonly mT: Tensor;
  /** The number of dimensions. */
  readonly ndim: number;
  /** See `torch.unique`. */
  unique(options: UniqueOptions & { returnInverse: true; returnCounts: true }): [Tensor, Tensor, Tensor];
  unique(options: UniqueOptions & ({ returnInverse: true } | { returnCounts: true })): [Tensor, Tensor];
  unique(options?: UniqueOptions): Tensor;
}

const reversed = operator("Tensor.T", ["aten::numpy_T"]);
const matrixTransposed = operator("Tensor.mT", ["aten::mT"]);
const uniqueElements = operator("unique", ["aten::_unique2"]);
const uniqueParts = operator("unique", ["aten::unique_dim"]);

/**
 * The elements (or, with `dim`, the parts along a dimension) that a tensor has, each once; how many there are depends on its
 * values. Where they are asked for, the places and the counts follow.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.unique.html
 */
export function unique(
  input: Tensor,
  options: UniqueOptions & { returnInverse: true; returnCounts: true },
): [Tensor, Tensor, Tensor];
export function unique(
  input: Tensor,
  options: UniqueOptions & ({ returnInverse: true } | { returnCounts: true }),
): [Tensor, Tensor];
export function unique(input: Tensor, options?: UniqueOptions): Tensor;
export function unique(input: Tensor, options?: UniqueOptions): Tensor | Tensor[] {
  const defaults = { sorted: true, returnInverse: false, returnCounts: false, dim: null as number | null };
  const { dim, ...flags } = mergeOptions<typeof defaults>("torch.unique", defaults, options);
  const [sorted, returnInverse, returnCounts] = Object.entries(flags).map(([name, flag]) =>
    boolean("torch.unique", name, flag),
  );
  const found =
    dim === null
      ? uniqueElements(input, sorted, returnInverse, returnCounts)
      : uniqueParts(
          input,
          number("torch.unique", "dim", dim, { integer: true }),
          sorted,
          returnInverse,
          returnCounts,
        );
  const [elements, inverse, counts] = found as [Tensor, Tensor, Tensor];
  const asked = [elements, ...(returnInverse ? [inverse] : []), ...(returnCounts ? [counts] : [])];
  for (const unasked of [inverse, counts]) if (!asked.includes(unasked)) unasked.dispose();
  return asked.length === 1 ? elements : asked;
}

const members = {
  float: convertTo("float32"),
  double: convertTo("float64"),
  half: convertTo("float16"),
  bfloat16: convertTo("bfloat16"),
  long: convertTo("int64"),
  int: convertTo("int32"),
  bool: convertTo("bool"),
  get T(): unknown {
    return reversed(this);
  },
  get mT(): unknown {
    return matrixTransposed(this);
  },
  get ndim(): number {
    return (this as unknown as Tensor).shape.length;
  },
  unique(this: Tensor, options?: UniqueOptions): Tensor {
    return unique(this, options);
  },
};

function convertTo(dtype: Dtype): (this: Tensor) => Tensor {
  return function () {
    return this.to(dtype);
  };
}

/** Defines the members of {@link TensorConveniences}. */
export function defineTensorConveniences(prototype: object): void {
  for (const [name, descriptor] of Object.entries(Object.getOwnPropertyDescriptors(members)))
    Object.defineProperty(prototype, name, { ...descriptor, enumerable: false });
}
