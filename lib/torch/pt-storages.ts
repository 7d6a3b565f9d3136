import { expected } from "../errors.ts";
import type { Dtype } from "./dtype.ts";
import type { PtMaker } from "./pt-maker.ts";
import { itemSizes } from "./safetensors-header.ts";

// LibTorch's own bound for many operators.
const maxDimensions = 64;

const maxTensors = 2 ** 18;

/** A kind of storage that a pickle names, such as `torch.FloatStorage`. */
export class StorageType {
  readonly dtype: Dtype;

  constructor(dtype: Dtype) {
    this.dtype = dtype;
  }
}

/** A storage that a pickle names. Its elements lie elsewhere in the file, and are read later. */
export class PtStorage<Made> {
  readonly key: string;
  /** All of its elements, in one dimension. */
  readonly elements: Made;
  readonly dtype: Dtype;
  readonly count: number;

  constructor(key: string, elements: Made, dtype: Dtype, count: number) {
    this.key = key;
    this.elements = elements;
    this.dtype = dtype;
    this.count = count;
  }

  get bytes(): number {
    return this.count * itemSizes[this.dtype];
  }
}

/** The storages of a file that is being read, and the tensors on them. */
export class PtStorages<Made extends { readonly dtype: Dtype }> {
  readonly maker: PtMaker<Made>;
  readonly #where: string;
  readonly #check: (key: string, bytes: number, at: string) => void;
  readonly #byKey = new Map<string, PtStorage<Made>>();
  readonly #tensors: Made[] = [];

  /**
   * @param check - throws unless the file has so many bytes under a key; called before memory is taken, once for each key
   */
  constructor(where: string, maker: PtMaker<Made>, check: (key: string, bytes: number, at: string) => void) {
    this.#where = where;
    this.maker = maker;
    this.#check = check;
  }

  [Symbol.iterator](): Iterator<PtStorage<Made>> {
    return this.#byKey.values();
  }

  /** The storage that a persistent id of a pickle describes. */
  open(id: unknown, at: string): PtStorage<Made> {
    const [kind, type, key, location, count, view] = Array.isArray(id) ? id : [];
    if (kind !== "storage") throw expected(this.#where, "the description of a storage", at, kind);
    if (!(type instanceof StorageType)) throw expected(this.#where, "the type of a storage", at, type);
    if (typeof key !== "string" || typeof location !== "string") {
      throw expected(
        this.#where,
        "a key and a device for a storage",
        at,
        typeof key === "string" ? location : key,
      );
    }
    if (!isSize(count)) throw expected(this.#where, "the size of a storage", at, count);
    if (view !== undefined && view !== null) {
      throw expected(this.#where, "a storage that is no view of another", at, view);
    }
    const { dtype } = type;
    const known = this.#byKey.get(key);
    if (known === undefined) return this.#add(key, dtype, count, location, at);
    if (known.dtype !== dtype || known.count !== count) {
      const wanted = `${known.count} elements of ${known.dtype} in storage ${JSON.stringify(key)}`;
      throw expected(this.#where, wanted, at, `${count} of ${dtype}`);
    }
    return known;
  }

  #add(key: string, dtype: Dtype, count: number, location: string, at: string): PtStorage<Made> {
    this.#check(key, count * itemSizes[dtype], at);
    const elements = this.maker.storage({ key, dtype, count, location }, at);
    const storage = new PtStorage(key, elements, dtype, count);
    this.#byKey.set(key, storage);
    return storage;
  }

  /** A tensor of those sizes and strides on a storage. */
  tensor(
    storage: PtStorage<Made>,
    place: { offset: unknown; size: unknown; stride: unknown },
    requiresGrad: boolean,
    at: string,
  ): Made {
    const { offset, size, stride } = place;
    const { key, count, elements } = storage;
    if (!isSize(offset)) throw expected(this.#where, "the offset of a tensor", at, offset);
    if (!areSizes(size)) throw expected(this.#where, `at most ${maxDimensions} sizes of a tensor`, at, size);
    if (!areSizes(stride) || stride.length !== size.length) {
      throw expected(this.#where, `${size.length} strides of a tensor`, at, stride);
    }
    // LibTorch multiplies these sizes too, but a zero counts as one.
    const extent = size.reduce((product, length) => product * Math.max(length, 1), 8);
    if (!Number.isSafeInteger(extent))
      throw expected(this.#where, "sizes that can be multiplied", at, extent);
    const span = size.reduce((sum, length, dim) => sum + (length - 1) * (stride[dim] as number), 1);
    const end = offset + (size.includes(0) ? 0 : span);
    if (end > count) {
      throw expected(
        this.#where,
        `a tensor inside the ${count} elements of storage ${JSON.stringify(key)}`,
        at,
        end,
      );
    }
    if (this.#tensors.length >= maxTensors)
      throw expected(this.#where, `at most ${maxTensors} tensors`, at, "more");
    return this.#own(this.maker.tensor(elements, { offset, size, stride }, requiresGrad));
  }

  parameter(data: Made, requiresGrad: boolean): Made {
    return this.#own(this.maker.parameter(data, requiresGrad));
  }

  /** Notes a tensor that is to be freed should reading fail. */
  #own(tensor: Made): Made {
    this.#tensors.push(tensor);
    return tensor;
  }

  /** Lets go of the storages themselves; the tensors on them stay. */
  release(): void {
    for (const { elements } of this.#byKey.values()) this.maker.dispose(elements);
  }

  /** Frees everything. */
  dispose(): void {
    this.release();
    for (const tensor of this.#tensors) this.maker.dispose(tensor);
  }
}

function isSize(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

function areSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.length <= maxDimensions && value.every(isSize);
}
