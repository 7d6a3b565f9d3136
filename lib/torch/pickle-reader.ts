import { PickleBytes } from "./pickle-bytes.ts";
import { op } from "./pickle-opcodes.ts";

/** A class or function that a pickle may call. */
export class PickleCallable {
  readonly name: string;
  /** @param at - the place of the call, for errors */
  readonly call: (args: readonly unknown[], at: string) => unknown;

  constructor(name: string, call: (args: readonly unknown[], at: string) => unknown) {
    this.name = name;
    this.call = call;
  }
}

/** What the names in a pickle mean. Whatever is not known here is an error that these functions throw. */
export interface PickleHost {
  /** The value or the {@link PickleCallable} that goes by a name such as `collections.OrderedDict`. */
  find(name: string, at: string): unknown;
  /** What lies outside of the pickle under an id. It can be given to callables, and is no part of the result. */
  load(id: unknown, at: string): object;
}

/** More than a state dict of 300,000 tensors has. What one makes takes up to a hundred bytes, so that it adds up. */
const maxOpcodes = 2 ** 23;

/** What an opcode gives that pushes no value. */
const nothing = Symbol();

/**
 * Reads one pickle of the protocols 2 to 5: the part of the language in which `torch.save` writes. Nothing is executed;
 * nothing nests, so that no depth is too deep; what is made is bounded by the bytes that ask for it.
 *
 * Dictionaries become plain objects, so their keys are strings or integers; lists, tuples and sets become arrays;
 * integers become bigints where a number is not exact.
 */
export class PickleReader {
  readonly #bytes: PickleBytes;
  readonly #host: PickleHost;
  readonly #stack: unknown[] = [];
  readonly #marks: number[] = [];
  readonly #memo = new Map<number, unknown>();
  /** Callables, what lies outside of the pickle, and tuples of them: they may not be part of the result. */
  readonly #innards = new WeakSet<object>();
  /** The integers among the keys of an object, which are strings there. */
  readonly #integerKeys = new WeakMap<object, Set<string>>();

  /** @param name - what the bytes are called in errors: `data.pkl` */
  constructor(where: string, name: string, bytes: Buffer, host: PickleHost, position = 0) {
    this.#bytes = new PickleBytes(where, name, bytes, position);
    this.#host = host;
  }

  /** The first byte after what was read. */
  get position(): number {
    return this.#bytes.position;
  }

  /** @throws TypeError naming the byte that is damaged, or asks for something that is not allowed. */
  read(): unknown {
    for (let count = 1; ; count++) {
      const code = String.fromCharCode(this.#bytes.opcode());
      if (code === op.stop) return this.#checked(this.#pop());
      if (count > maxOpcodes) throw this.#bytes.expected(`at most ${maxOpcodes} opcodes`, "more");
      const value = this.#run(code);
      if (value !== nothing) this.#stack.push(value);
    }
  }

  /** Does what an opcode says and gives the value that it pushes, if it does. */
  #run(code: string): unknown {
    const bytes = this.#bytes;
    switch (code) {
      case op.proto: {
        const protocol = bytes.unsigned(1);
        if (protocol < 2 || protocol > 5) throw bytes.expected("a pickle protocol from 2 to 5", protocol);
        break;
      }
      case op.frame:
        bytes.take(8);
        break;
      case op.none:
        return null;
      case op.newTrue:
        return true;
      case op.newFalse:
        return false;
      case op.binInt1:
        return bytes.unsigned(1);
      case op.binInt2:
        return bytes.unsigned(2);
      case op.binInt:
        return bytes.take(4).readInt32LE();
      case op.long1:
        return decodeInteger(bytes.take(bytes.unsigned(1)));
      case op.binFloat:
        return bytes.take(8).readDoubleBE();
      case op.shortBinString:
      case op.shortBinUnicode:
        return bytes.text(bytes.unsigned(1));
      case op.binUnicode:
        return bytes.text(bytes.unsigned(4));
      case op.binUnicode8:
        return bytes.text(bytes.unsigned(8));
      case op.emptyDict:
        return {};
      case op.emptyList:
      case op.emptyTuple:
      case op.emptySet:
        return [];
      case op.mark:
        this.#marks.push(this.#stack.length);
        break;
      case op.tuple:
        return this.#tuple(this.#popMark());
      case op.tuple1:
        return this.#tuple(this.#popSome(1));
      case op.tuple2:
        return this.#tuple(this.#popSome(2));
      case op.tuple3:
        return this.#tuple(this.#popSome(3));
      case op.frozenSet:
        return this.#popMark().map((value) => this.#checked(value));
      case op.append:
        this.#append(this.#popSome(1));
        break;
      case op.appends:
      case op.addItems:
        this.#append(this.#popMark());
        break;
      case op.setItem:
        this.#setItems(this.#popSome(2));
        break;
      case op.setItems:
        this.#setItems(this.#popMark());
        break;
      case op.binPut:
        this.#memoize(bytes.unsigned(1));
        break;
      case op.longBinPut:
        this.#memoize(bytes.unsigned(4));
        break;
      case op.memoize:
        this.#memoize(this.#memo.size);
        break;
      case op.binGet:
        return this.#recall(bytes.unsigned(1));
      case op.longBinGet:
        return this.#recall(bytes.unsigned(4));
      case op.global:
        return this.#inner(this.#host.find(`${bytes.line()}.${bytes.line()}`, bytes.at));
      case op.stackGlobal: {
        const [module, name] = this.#popSome(2);
        if (typeof module !== "string") throw bytes.expected("the name of a module", module);
        if (typeof name !== "string") throw bytes.expected(`a name in ${module}`, name);
        return this.#inner(this.#host.find(`${module}.${name}`, bytes.at));
      }
      case op.binPersId:
        return this.#inner(this.#host.load(this.#pop(), bytes.at));
      case op.reduce:
        return this.#call();
      case op.build:
        this.#dropState();
        break;
      default:
        throw bytes.expected(
          "an opcode that torch.save writes",
          `0x${Buffer.from(code, "latin1").toString("hex")}`,
        );
    }
    return nothing;
  }

  #inner<T>(value: T): T {
    if (typeof value === "object" && value !== null) this.#innards.add(value);
    return value;
  }

  #tuple(values: unknown[]): unknown[] {
    return values.some((value) => this.#isInner(value)) ? this.#inner(values) : values;
  }

  #pop(): unknown {
    return this.#popSome(1)[0];
  }

  #popSome(count: number): unknown[] {
    const start = this.#stack.length - count;
    if (start < (this.#marks.at(-1) ?? 0))
      throw this.#bytes.expected(`${count} values on the stack`, "fewer");
    return this.#stack.splice(start);
  }

  #popMark(): unknown[] {
    const mark = this.#marks.pop();
    if (mark === undefined) throw this.#bytes.expected("a mark on the stack", "none");
    return this.#stack.splice(mark);
  }

  /** The value on the stack that an opcode changes. */
  #top(): unknown {
    const value = this.#pop();
    this.#stack.push(value);
    return value;
  }

  #isInner(value: unknown): boolean {
    return typeof value === "object" && value !== null && this.#innards.has(value);
  }

  /** A value that becomes part of the result. */
  #checked(value: unknown): unknown {
    if (!this.#isInner(value)) return value;
    throw this.#bytes.expected(
      "a plain value or a tensor",
      value instanceof PickleCallable ? value.name : value,
    );
  }

  #memoize(place: number): void {
    this.#memo.set(place, this.#top());
  }

  #recall(place: number): unknown {
    if (!this.#memo.has(place)) throw this.#bytes.expected("a place of the memo that was filled", place);
    return this.#memo.get(place);
  }

  #append(values: unknown[]): void {
    const list = this.#top();
    if (!Array.isArray(list)) throw this.#bytes.expected("a list to append to", list);
    for (const value of values) list.push(this.#checked(value));
  }

  #setItems(items: unknown[]): void {
    const target = this.#top();
    if (!isRecord(target)) throw this.#bytes.expected("a dictionary to put items into", target);
    if (items.length % 2 !== 0) throw this.#bytes.expected("a value for every key", items);
    for (let i = 0; i < items.length; i += 2) this.#setItem(target, items[i], this.#checked(items[i + 1]));
  }

  #setItem(target: Record<string, unknown>, key: unknown, value: unknown): void {
    const isInteger = Number.isInteger(key) || typeof key === "bigint";
    if (typeof key !== "string" && !isInteger) {
      throw this.#bytes.expected("a string or an integer for a key of a dictionary", key);
    }
    const name = String(key);
    const integers = this.#integerKeys.get(target) ?? new Set();
    if (Object.hasOwn(target, name) && integers.has(name) !== isInteger) {
      throw this.#bytes.expected("keys that differ as strings too", key);
    }
    if (isInteger) this.#integerKeys.set(target, integers.add(name));
    if (name !== "__proto__") target[name] = value;
    else Object.defineProperty(target, name, { value, writable: true, enumerable: true, configurable: true });
  }

  #call(): unknown {
    const [callable, args] = this.#popSome(2);
    if (!(callable instanceof PickleCallable)) throw this.#bytes.expected("a function to call", callable);
    if (!Array.isArray(args)) throw this.#bytes.expected(`arguments of ${callable.name}`, args);
    return callable.call(args, this.#bytes.at);
  }

  /** Attributes of a dictionary, such as a state dict's `_metadata`, have no place in a plain object. */
  #dropState(): void {
    const state = this.#pop();
    if (!isRecord(state) || !isRecord(this.#top()))
      throw this.#bytes.expected("attributes of a dictionary", state);
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

/** Two's complement, little-endian. */
function decodeInteger(bytes: Buffer): number | bigint {
  if (bytes.length === 0) return 0;
  const magnitude = BigInt(`0x${Buffer.from(bytes).reverse().toString("hex")}`);
  const integer = BigInt.asIntN(bytes.length * 8, magnitude);
  const number = Number(integer);
  return Number.isSafeInteger(number) ? number : integer;
}
