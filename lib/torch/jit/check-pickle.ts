import { expected } from "../../errors.ts";
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
      this.#step(opcode);
    }
    if (this.#stack.length !== 1 || this.#marks.length > 0)
      throw this.#wrong("one value on the stack", this.#stack);
  }

  #step(opcode: string): void {
    const push = (value: unknown) => void this.#stack.push(value);
    switch (opcode) {
      case "N":
        return push(null);
      case "\x88":
      case "\x89":
        return push(opcode === "\x88");
      case "K":
        return push(this.#take(1).readUInt8());
      case "M":
        return push(this.#take(2).readUInt16LE());
      case "J":
        return push(this.#take(4).readInt32LE());
      case "\x8a":
        if (this.#take(1)[0] !== 8) throw this.#wrong("an integer of 8 bytes", "another");
        return push(Number(this.#take(8).readBigInt64LE()));
      case "G":
        return push(this.#take(8).readDoubleBE());
      case "X":
        return push(this.#take(this.#take(4).readUInt32LE()).toString());
      case "]":
        return push(new Container("list"));
      case "}":
        return push(new Container("dict"));
      case ")":
        return push(new Container("tuple"));
      case "(":
        return void this.#marks.push(this.#stack.length);
      case "t":
        return push(this.#tuple(this.#popMarked()));
      case "\x85":
      case "\x86":
      case "\x87":
        return push(this.#tuple(this.#pop(opcode.charCodeAt(0) - 0x84)));
      case "e":
        return this.#fill("list", this.#popMarked());
      case "u":
        return this.#fill("dict", this.#popMarked());
      case "q":
        return this.#remember(this.#take(1).readUInt8());
      case "r":
        return this.#remember(this.#take(4).readUInt32LE());
      case "h":
        return push(this.#recall(this.#take(1).readUInt8()));
      case "j":
        return push(this.#recall(this.#take(4).readUInt32LE()));
      case "c":
        return push(new Global(`${this.#line()}.${this.#line()}`));
      case "Q":
        return push(this.#try(() => readStorage(this.#pop(1)[0], this.#storages)));
      case "\x81":
        // The object is made when its state comes.
        this.#pop(1);
        return;
      case "b":
      case "R": {
        const [callable, argument] = this.#pop(2);
        return push(this.#try(() => callGlobal(callable, argument)));
      }
      default:
        throw this.#wrong("an opcode that torch.jit.save writes", opcode.charCodeAt(0));
    }
  }

  #wrong(what: string, got: unknown): TypeError {
    return expected(this.#where, what, `byte ${this.#start} of ${this.#name}`, got);
  }

  /** Says where something was wrong. */
  #try<T>(read: () => T): T {
    try {
      return read();
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
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
