import { expected } from "../errors.ts";
import { noGrad } from "./autograd.ts";
import { checkDevice } from "./device.ts";
import type { Dtype } from "./dtype.ts";
import { operator } from "./operators.ts";
import { itemSizes } from "./safetensors-header.ts";
import { scope } from "./scope.ts";
import type { Tensor } from "./tensor.ts";

const empty = operator<(shape: number[], options: object) => Tensor>("empty", ["aten::empty.memory_format"]);
const asStrided = operator<(tensor: Tensor, size: number[], stride: number[], offset: number) => Tensor>(
  "asStrided",
  ["aten::as_strided"],
);

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
export class PtStorage {
  readonly key: string;
  /** All of its elements, in one dimension. */
  readonly elements: Tensor;
  readonly dtype: Dtype;
  readonly count: number;

  constructor(key: string, elements: Tensor, dtype: Dtype, count: number) {
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
export class PtStorages {
  readonly #where: string;
  readonly #mapLocation: string | null;
  readonly #check: (key: string, bytes: number, at: string) => void;
  readonly #byKey = new Map<string, PtStorage>();
  readonly #tensors: Tensor[] = [];

  /**
   * @param mapLocation - the device for all storages; null for those on which they were
   * @param check - throws unless the file has so many bytes under a key; called before memory is taken, once for each key
   */
  constructor(
    where: string,
    mapLocation: string | null,
    check: (key: string, bytes: number, at: string) => void,
  ) {
    this.#where = where;
    this.#mapLocation = mapLocation;
    this.#check = check;
  }

  [Symbol.iterator](): Iterator<PtStorage> {
    return this.#byKey.values();
  }

  /** The storage that a persistent id of a pickle describes. */
  open(id: unknown, at: string): PtStorage {
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

  #add(key: string, dtype: Dtype, count: number, location: string, at: string): PtStorage {
    this.#check(key, count * itemSizes[dtype], at);
    const device = this.#mapLocation ?? this.#deviceOf(location, at);
    const storage = new PtStorage(key, empty([count], { dtype, device }), dtype, count);
    this.#byKey.set(key, storage);
    return storage;
  }

  #deviceOf(location: string, at: string): string {
    const remedy = 'Load it with { mapLocation: "cpu" }';
    if (!/^(cpu|cuda(:\d+)?)$/.test(location)) {
      throw expected(this.#where, "storages of cpu or cuda", at, location, remedy);
    }
    try {
      return checkDevice(this.#where, location);
    } catch {
      throw expected(this.#where, "storages of a device that is there", at, location, remedy);
    }
  }

  /** A tensor of those sizes and strides on a storage. */
  tensor(storage: PtStorage, offset: unknown, size: unknown, stride: unknown, at: string): Tensor {
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
    const tensor = noGrad(() => scope(() => asStrided(elements, size, stride, offset).detach()));
    return this.own(tensor);
  }

  /** Notes a tensor that is to be freed should reading fail. */
  own<T extends Tensor>(tensor: T): T {
    this.#tensors.push(tensor);
    return tensor;
  }

  /** Lets go of the storages themselves; the tensors on them stay. */
  release(): void {
    for (const { elements } of this.#byKey.values()) elements.dispose();
  }

  /** Frees everything. */
  dispose(): void {
    this.release();
    for (const tensor of this.#tensors) tensor.dispose();
  }
}

function isSize(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

function areSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.length <= maxDimensions && value.every(isSize);
}
