import { describe } from "../../errors.ts";
import type { Dtype } from "../dtype.ts";
import { itemSizes } from "../safetensors-header.ts";
import { checkNesting } from "./check-code.ts";

/** The bytes of a storage by its key; undefined where there is none. */
export type Storages = (key: string) => Uint8Array | undefined;

// LibTorch visits and frees by recursion what is nested.
const mostNested = 200;

// LibTorch's own bound for many operators.
const mostDimensions = 64;

function wrong(what: string, got: unknown): Error {
  return new Error(`expected ${what}, got ${describe(got)}`);
}

/** A list, tuple, dictionary or object. Once it is inside of another one it does not change any more. */
export class Container {
  readonly kind: "list" | "tuple" | "dict" | "object";
  /** Of a tuple alone. */
  readonly elements: readonly unknown[];
  #depth = 1;
  #isInside = false;

  constructor(kind: Container["kind"], elements: readonly unknown[] = []) {
    this.kind = kind;
    this.elements = kind === "tuple" ? elements : [];
    this.add(elements);
  }

  /** @throws Error where this would make a circle, or nest too deep. */
  add(elements: readonly unknown[]): void {
    if (this.#isInside) throw wrong(`a ${this.kind} that is in no other yet`, "one that is");
    if (this.kind === "dict" && elements.length % 2 !== 0)
      throw wrong("a value for every key", "a key alone");
    for (const element of elements) {
      if (!(element instanceof Container)) continue;
      if (element === this) throw wrong(`a ${this.kind} that is not in itself`, "one that is");
      element.#isInside = true;
      this.#depth = Math.max(this.#depth, element.#depth + 1);
    }
    if (this.#depth > mostNested) throw wrong(`values nested at most ${mostNested} deep`, this.#depth);
  }
}

/** A class or function by its full name. */
export class Global {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }
}

class Storage {
  readonly dtype: Dtype;
  readonly count: number;

  constructor(dtype: Dtype, count: number) {
    this.dtype = dtype;
    this.count = count;
  }
}

/** A tensor, or a value whose kind does not matter. */
class Opaque {}

const storageDtypes = new Map<string, Dtype>([
  ["torch.BoolStorage", "bool"],
  ["torch.ByteStorage", "uint8"],
  ["torch.CharStorage", "int8"],
  ["torch.ShortStorage", "int16"],
  ["torch.IntStorage", "int32"],
  ["torch.LongStorage", "int64"],
  ["torch.HalfStorage", "float16"],
  ["torch.BFloat16Storage", "bfloat16"],
  ["torch.FloatStorage", "float32"],
  ["torch.DoubleStorage", "float64"],
]);

function tupleOf(value: unknown): readonly unknown[] {
  if (value instanceof Container && value.kind === "tuple") return value.elements;
  throw wrong("a tuple", value);
}

function isSize(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/** What a persistent id stands for: ("storage", class, key, device, count). */
export function readStorage(id: unknown, storages: Storages): Storage {
  const [tag, type, key, device, count] = tupleOf(id);
  if (tag !== "storage" || !(type instanceof Global)) throw wrong("the id of a storage", tag);
  const dtype = storageDtypes.get(type.name);
  if (dtype === undefined) throw wrong("a storage of a dtype that there is here", type.name);
  if (typeof key !== "string" || typeof device !== "string") throw wrong("a key and a device", key);
  if (!isSize(count)) throw wrong("a number of elements", count);
  const bytes = storages(key);
  if (bytes === undefined) throw wrong("the key of a record of the file", key);
  if (count * itemSizes[dtype] > bytes.length)
    throw wrong(`at most ${bytes.length} bytes in storage ${key}`, count * itemSizes[dtype]);
  // Any other byte is undefined behaviour in LibTorch.
  if (dtype === "bool" && bytes.some((byte) => byte > 1)) throw wrong("bytes of 0 and 1 for bools", "others");
  return new Storage(dtype, count);
}

/** What calling a function gives, or making an object of a class with that state. */
export function callGlobal(callable: unknown, argument: unknown): unknown {
  if (!(callable instanceof Global)) throw wrong("a class or function", callable);
  const { name } = callable;
  if (/^__torch__(?:\.[A-Za-z_]\w*)+$/.test(name) && !name.startsWith("__torch__.torch.classes."))
    return new Container("object", [argument]);
  const known = functions.get(name);
  if (known === undefined) throw wrong("a class of the file, or a function that torch.jit.save calls", name);
  return known(tupleOf(argument));
}

const first = ([value]: readonly unknown[]): unknown => {
  if (value instanceof Container && value.kind === "list") return value;
  throw wrong("a list", value);
};

const functions = new Map<string, (elements: readonly unknown[]) => unknown>([
  ["torch.jit._pickle.build_intlist", first],
  ["torch.jit._pickle.build_doublelist", first],
  ["torch.jit._pickle.build_boollist", first],
  ["torch.jit._pickle.build_tensorlist", first],
  ["torch.jit._pickle.restore_type_tag", restoreTypeTag],
  ["torch._utils._rebuild_tensor_v2", rebuildTensor],
  ["torch.device", () => new Opaque()],
  ["collections.OrderedDict", () => null],
]);

function restoreTypeTag([value, type]: readonly unknown[]): unknown {
  if (!(value instanceof Container)) throw wrong("a list or dictionary", value);
  if (typeof type !== "string") throw wrong("the text of a type", type);
  checkNesting("type", "the text", type);
  return value;
}

function rebuildTensor([
  storage,
  offset,
  sizes,
  strides,
  requiresGrad,
  ,
  ...more
]: readonly unknown[]): Opaque {
  if (!(storage instanceof Storage)) throw wrong("a storage", storage);
  const [shape, steps] = [tupleOf(sizes), tupleOf(strides)];
  if (!shape.every(isSize) || !steps.every(isSize) || !isSize(offset))
    throw wrong("sizes, strides and an offset of at least 0", "others");
  if (shape.length !== steps.length || shape.length > mostDimensions)
    throw wrong(`a stride for each of at most ${mostDimensions} sizes`, steps.length);
  if (typeof requiresGrad !== "boolean" || more.length > 0) throw wrong("a plain tensor", "another");
  // LibTorch multiplies these sizes.
  const extent = shape.reduce((product, size) => product * Math.max(size, 1), itemSizes[storage.dtype]);
  if (!Number.isSafeInteger(extent)) throw wrong("sizes that can be multiplied", extent);
  const reach = shape.reduce((sum, size, dim) => sum + (size - 1) * (steps[dim] ?? 0), offset + 1);
  const end = shape.includes(0) ? offset : reach;
  if (!(end <= storage.count)) throw wrong(`at most ${storage.count} elements of the storage`, end);
  return new Opaque();
}
