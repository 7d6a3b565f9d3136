import { basename, extname } from "node:path";
import { expected } from "../errors.ts";
import { writeAtomically } from "../files.ts";
import { isPlainObject } from "../options.ts";
import { noGrad } from "./autograd.ts";
import { type Dtype, dtypes } from "./dtype.ts";
import { native } from "./native.ts";
import { Parameter } from "./nn/parameter.ts";
import { operator } from "./operators.ts";
import { op } from "./pickle-opcodes.ts";
import { PickleWriter } from "./pickle-writer.ts";
import { storageNames } from "./pt-classes.ts";
import { itemSizes } from "./safetensors-header.ts";
import { scope } from "./scope.ts";
import { Tensor } from "./tensor.ts";
import { chunksOf } from "./tensor-bytes.ts";
import { writeZip, type ZipSource } from "./zip-writer.ts";

const asStrided = operator<(tensor: Tensor, size: number[], stride: number[], offset: number) => Tensor>(
  "asStrided",
  ["aten::as_strided"],
);
const isNeg = operator<(tensor: Tensor) => boolean>("isNeg", ["aten::is_neg"]);

// Python's own pickler goes as deep.
const maxDepth = 900;

/** Small enough for the event loop to turn while a large storage is written. */
const pieceBytes = 2 ** 20;

/**
 * Writes a value as PyTorch's `torch.save` does, so that Python reads it with `torch.load`, `weights_only=True` too:
 * tensors, Parameters, numbers, bigints, booleans, strings and null, in arrays and plain objects. The file appears whole
 * or not at all. Tensors that share memory are written with all of that memory, once. They must not be changed before
 * the promise resolves.
 *
 * Python gets dictionaries and lists. A whole number (up to 2^53 - 1) becomes an int, every other number and `-0` a
 * float, a bigint an int. Keys become strings, but those of the `state` of an optimizer's state dict, which are ints.
 *
 * @throws TypeError naming the place of a value that is none of these, of a tensor that was disposed, or of one that
 *   shares its memory with one of another dtype.
 * @throws Error naming `path` where it cannot be written; what was there stays.
 * @see https://docs.pytorch.org/docs/stable/generated/torch.save.html
 */
export async function save(value: unknown, path: string): Promise<void> {
  const writer = new ValueWriter();
  writer.write(value, "value", 0);
  const stem = basename(path, extname(path));
  // As in PyTorch, the folder in the archive is named after the file.
  const folder = /^\w[\w .-]*$/.test(stem) ? stem : "archive";
  const text = (name: string, bytes: Buffer): ZipSource => ({
    name: `${folder}/${name}`,
    size: bytes.length,
    chunks: () => [bytes],
  });
  const sources = [
    text("data.pkl", writer.end()),
    text("byteorder", Buffer.from("little")),
    ...writer.storages.map(({ tensor, dtype, bytes }, key): ZipSource => {
      const count = Math.floor(bytes / itemSizes[dtype]);
      const chunks = () => storageChunks(tensor, count);
      return { name: `${folder}/data/${key}`, size: count * itemSizes[dtype], chunks };
    }),
    text("version", Buffer.from("3\n")),
  ];
  await writeAtomically(path, (file) => writeZip(file, sources));
}

/** The bytes of the memory below a tensor. */
function* storageChunks(tensor: Tensor, count: number): Generator<Uint8Array> {
  const elements = noGrad(() => scope(() => asStrided(tensor, [count], [1], 0)));
  try {
    yield* chunksOf(elements, pieceBytes);
  } finally {
    elements.dispose();
  }
}

/** A storage to be written, by a tensor on it. */
interface StorageToWrite {
  tensor: Tensor;
  dtype: Dtype;
  bytes: number;
}

class ValueWriter {
  /** By key: 0, 1, ... */
  readonly storages: StorageToWrite[] = [];
  readonly #keys = new Map<bigint, number>();
  readonly #pickle = new PickleWriter();

  end(): Buffer {
    return this.#pickle.end();
  }

  /** @param path - where the value is in the whole, for errors */
  write(value: unknown, path: string, depth: number): void {
    if (depth > maxDepth) throw expected("torch.save", `values nested at most ${maxDepth} deep`, path, value);
    if (value === null) this.#pickle.none();
    else if (typeof value === "boolean") this.#pickle.boolean(value);
    else if (typeof value === "number") this.#number(value);
    else if (typeof value === "bigint") this.#bigint(value, path);
    else if (typeof value === "string") this.#text(value, path);
    else if (this.#pickle.recall(value)) return;
    else if (value instanceof Tensor) this.#tensor(value, path);
    else if (Array.isArray(value)) this.#array(value, path, depth);
    else if (isPlainObject(value)) this.#record(value, path, depth);
    else {
      const remedy = "Of modules and optimizers, save the stateDict()";
      throw expected(
        "torch.save",
        "a tensor, a plain value, an array or a plain object",
        path,
        value,
        remedy,
      );
    }
  }

  #number(value: number): void {
    if (Number.isSafeInteger(value) && !Object.is(value, -0)) this.#pickle.integer(value);
    else this.#pickle.float(value);
  }

  #bigint(value: bigint, path: string): void {
    try {
      this.#pickle.integer(value);
    } catch {
      throw expected("torch.save", "an integer of at most 255 bytes", path, "a larger one");
    }
  }

  #text(value: string, path: string): void {
    if (/\p{Surrogate}/u.test(value))
      throw expected("torch.save", "text without lone surrogates", path, value);
    this.#pickle.text(value);
  }

  #array(values: readonly unknown[], path: string, depth: number): void {
    this.#pickle.opcode(op.emptyList).memoize(values).opcode(op.mark);
    for (const [i, value] of values.entries()) this.write(value, `${path}[${i}]`, depth + 1);
    this.#pickle.opcode(op.appends);
  }

  #record(record: Record<string, unknown>, path: string, depth: number): void {
    const hasStates = isOptimizerState(record);
    this.#begin(record);
    for (const [key, value] of Object.entries(record)) {
      this.#text(key, path);
      const place = `${path}[${JSON.stringify(key)}]`;
      if (hasStates && key === "state") this.#states(value as Record<string, unknown>, place, depth + 1);
      else this.write(value, place, depth + 1);
    }
    this.#pickle.opcode(op.setItems);
  }

  /** An optimizer's states by the places of its parameters. */
  #states(states: Record<string, unknown>, path: string, depth: number): void {
    if (this.#pickle.recall(states)) return;
    this.#begin(states);
    for (const [key, state] of Object.entries(states)) {
      if (/^(0|[1-9]\d{0,14})$/.test(key)) this.#pickle.integer(Number(key));
      else this.#text(key, path);
      this.write(state, `${path}[${key}]`, depth + 1);
    }
    this.#pickle.opcode(op.setItems);
  }

  #begin(record: object): void {
    this.#pickle.opcode(op.emptyDict).memoize(record).opcode(op.mark);
  }

  #tensor(tensor: Tensor, path: string): void {
    if (tensor.isDisposed) throw expected("torch.save", "a Tensor that is not disposed", path, tensor);
    const { requiresGrad } = tensor;
    if (tensor instanceof Parameter) {
      this.#pickle.global("torch._utils", "_rebuild_parameter");
      this.#rebuild(tensor, false, path);
      this.#pickle.boolean(requiresGrad);
      this.#noHooks().opcode(op.tuple3, op.reduce);
    } else {
      this.#rebuild(tensor, requiresGrad, path);
    }
    this.#pickle.memoize(tensor);
  }

  #rebuild(tensor: Tensor, requiresGrad: boolean, path: string): void {
    const { dtype } = tensor;
    const key = this.#storageKey(tensor, path);
    const { bytes } = this.storages[key] as StorageToWrite;
    const pickle = this.#pickle;
    pickle.global("torch._utils", "_rebuild_tensor_v2").opcode(op.mark, op.mark).text("storage");
    pickle.global("torch", storageNames[dtype]).text(String(key)).text(tensor.device);
    pickle.integer(Math.floor(bytes / itemSizes[dtype])).opcode(op.tuple, op.binPersId);
    pickle.integer(tensor.storageOffset()).sizes(tensor.shape).sizes(tensor.stride()).boolean(requiresGrad);
    this.#noHooks().opcode(op.tuple, op.reduce);
  }

  #noHooks(): PickleWriter {
    return this.#pickle.global("collections", "OrderedDict").opcode(op.emptyTuple, op.reduce);
  }

  #storageKey(tensor: Tensor, path: string): number {
    const { dtype, device } = tensor;
    const storage = native.tensorStorage(tensor);
    if (!(dtype in storageNames))
      throw expected("torch.save", `one of ${dtypes.join(", ")}`, `the dtype of ${path}`, dtype);
    if (storage === null || device === "meta") {
      throw expected(
        "torch.save",
        "a dense tensor with elements",
        path,
        storage === null ? "a sparse one" : device,
      );
    }
    if (isNeg(tensor)) {
      throw expected(
        "torch.save",
        "a tensor whose memory holds its elements",
        path,
        "a negated view",
        "Save resolveNeg()",
      );
    }
    const known = this.#keys.get(storage.id);
    if (known === undefined) {
      this.#keys.set(storage.id, this.storages.length);
      return this.storages.push({ tensor, dtype, bytes: storage.bytes }) - 1;
    }
    const { dtype: other } = this.storages[known] as StorageToWrite;
    if (other === dtype) return known;
    throw expected(
      "torch.save",
      `${other} for every tensor on the same memory`,
      path,
      dtype,
      "Save a clone()",
    );
  }
}

/** Whether an object is laid out as `Optimizer.stateDict()`. */
function isOptimizerState(record: Record<string, unknown>): boolean {
  return (
    isPlainObject(record.state) && Array.isArray(record.param_groups) && Object.keys(record).length === 2
  );
}
