import { expected, messageOf } from "../../errors.ts";
import { Container, callGlobal, Global, readStorage, type Storages } from "./pickle-values.ts";

/**
 * Goes through a pickle of a TorchScript file as LibTorch's reader will. That one trusts the balance of the stack, the
 * lengths, the numbers of elements that storages are said to have, and the sizes and strides of tensors.
 *
 * @param name - the record: `data.pkl`
 * @param storages - the bytes of the storages
 * @throws TypeError naming the byte that is wrong, or asks for something that is not allowed.
 */
export function checkPickle(where: string, name: string, bytes: Buffer, storages: Storages): void {
  new PickleWalk(where, name, bytes, storages).run();
}

/** What an opcode gives that pushes no value. */
const nothing = Symbol();

class PickleWalk {
  readonly #where: string;
  readonly #name: string;
  readonly #bytes: Buffer;
  readonly #storages: Storages;
  readonly #stack: unknown[] = [];
  readonly #marks: number[] = [];
  readonly #memo: unknown[] = [];
  #start = 0;
  #position = 0;

  constructor(where: string, name: string, bytes: Buffer, storages: Storages) {
    this.#where = where;
    this.#name = name;
    this.#bytes = bytes;
    this.#storages = storages;
  }

  run(): void {
    const [first, protocol] = this.#take(2);
    if (first !== 0x80 || protocol !== 2) throw this.#wrong("a pickle of protocol 2", protocol);
    for (;;) {
      this.#start = this.#position;
      const opcode = String.fromCharCode(this.#take(1).readUInt8());
      if (opcode === ".") break;
      const value = this.#step(opcode);
      if (value !== nothing) this.#stack.push(value);
    }
    if (this.#stack.length !== 1 || this.#marks.length > 0)
      throw this.#wrong("one value on the stack", this.#stack);
  }

  /** Does what an opcode says and gives the value that it pushes, if it does. */
  #step(opcode: string): unknown {
    switch (opcode) {
      case "N":
        return null;
      case "\x88":
      case "\x89":
        return opcode === "\x88";
      case "K":
        return this.#take(1).readUInt8();
      case "M":
        return this.#take(2).readUInt16LE();
      case "J":
        return this.#take(4).readInt32LE();
      case "\x8a":
        if (this.#take(1)[0] !== 8) throw this.#wrong("an integer of 8 bytes", "another");
        return Number(this.#take(8).readBigInt64LE());
      case "G":
        return this.#take(8).readDoubleBE();
      case "X":
        return this.#take(this.#take(4).readUInt32LE()).toString();
      case "]":
        return new Container("list");
      case "}":
        return new Container("dict");
      case ")":
        return new Container("tuple");
      case "t":
        return this.#tuple(this.#popMarked());
      case "\x85":
      case "\x86":
      case "\x87":
        return this.#tuple(this.#pop(opcode.charCodeAt(0) - 0x84));
      case "h":
        return this.#recall(this.#take(1).readUInt8());
      case "j":
        return this.#recall(this.#take(4).readUInt32LE());
      case "c":
        return new Global(`${this.#line()}.${this.#line()}`);
      case "Q":
        return this.#try(() => readStorage(this.#pop(1)[0], this.#storages));
      case "b":
      case "R": {
        const [callable, argument] = this.#pop(2);
        return this.#try(() => callGlobal(callable, argument));
      }
      case "(":
        this.#marks.push(this.#stack.length);
        break;
      case "e":
        this.#fill("list", this.#popMarked());
        break;
      case "u":
        this.#fill("dict", this.#popMarked());
        break;
      case "q":
        this.#remember(this.#take(1).readUInt8());
        break;
      case "r":
        this.#remember(this.#take(4).readUInt32LE());
        break;
      case "\x81":
        // The object is made when its state comes.
        this.#pop(1);
        break;
      default:
        throw this.#wrong("an opcode that torch.jit.save writes", opcode.charCodeAt(0));
    }
    return nothing;
  }

  #wrong(what: string, got: unknown): TypeError {
    return expected(this.#where, what, `byte ${this.#start} of ${this.#name}`, got);
  }

  /** Says where something was wrong. */
  #try<T>(read: () => T): T {
    try {
      return read();
    } catch (error) {
      const reason = messageOf(error);
      throw new TypeError(`[${this.#where}] at byte ${this.#start} of ${this.#name}: ${reason}`);
    }
  }

  #take(count: number): Buffer {
    const left = this.#bytes.length - this.#position;
    if (count > left) throw this.#wrong(`${count} bytes more`, left);
    this.#position += count;
    return this.#bytes.subarray(this.#position - count, this.#position);
  }

  #line(): string {
    const end = this.#bytes.indexOf("\n", this.#position);
    if (end < 0) throw this.#wrong("the end of a line", "none");
    return this.#take(end + 1 - this.#position)
      .toString("latin1")
      .trimEnd();
  }

  #pop(count: number): unknown[] {
    const start = this.#stack.length - count;
    if (start < (this.#marks.at(-1) ?? 0)) throw this.#wrong(`${count} values on the stack`, "fewer");
    return this.#stack.splice(start);
  }

  #popMarked(): unknown[] {
    const start = this.#marks.pop();
    if (start === undefined) throw this.#wrong("a mark on the stack", "none");
    return this.#stack.splice(start);
  }

  #top(): unknown {
    const [value] = this.#pop(1);
    this.#stack.push(value);
    return value;
  }

  #tuple(elements: unknown[]): Container {
    return this.#try(() => new Container("tuple", elements));
  }

  #fill(kind: "list" | "dict", elements: unknown[]): void {
    const target = this.#top();
    if (!(target instanceof Container) || target.kind !== kind)
      throw this.#wrong(`a ${kind} to fill`, target);
    this.#try(() => target.add(elements));
  }

  // LibTorch makes room for every place below the one that is asked for.
  #remember(place: number): void {
    if (place > this.#memo.length) throw this.#wrong("the next place of the memo", place);
    this.#memo[place] = this.#top();
  }

  #recall(place: number): unknown {
    if (place >= this.#memo.length) throw this.#wrong("a place of the memo that was filled", place);
    return this.#memo[place];
  }
}
