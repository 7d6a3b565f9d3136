import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { describe, it } from "node:test";
import { checkPickle } from "../../../lib/torch/jit/check-pickle.ts";
import { goldenFolder, goldenPath, readRecords } from "./archives.ts";

const text = (value: string) => `X${String.fromCharCode(value.length)}\0\0\0${value}`;
const tuple = (...values: string[]) => `(${values.join("")}t`;
const integer = (value: number) => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64LE(BigInt(value));
  return `\x8a\x08${bytes.toString("latin1")}`;
};
/** A storage of 4 floats. */
const storage = (count = 4, type = "FloatStorage", key = "0") =>
  `${tuple(text("storage"), `ctorch\n${type}\n`, text(key), text("cpu"), integer(count))}Q`;
const built = (offset: string, sizes: string, strides: string, from = storage()) =>
  `ctorch._utils\n_rebuild_tensor_v2\n${tuple(from, offset, sizes, strides, "\x89", "ccollections\nOrderedDict\n)R")}R`;
const tensor = (offset: number, sizes: number[], strides: number[], from = storage()) =>
  built(integer(offset), tuple(...sizes.map(integer)), tuple(...strides.map(integer)), from);

function check(body: string): void {
  const bytes = Buffer.from(`\x80\x02${body}.`, "latin1");
  checkPickle("test", "data.pkl", bytes, (key) => (key === "0" ? new Uint8Array(16).fill(3) : undefined));
}

it("passes what torch.jit.save wrote", async () => {
  for (const name of readdirSync(goldenFolder)) {
    const records = await readRecords(goldenPath(name.replace(".pt", "")));
    for (const archive of ["constants", "data"]) {
      const record = (rest: string) => records.get(`${name.replace(".pt", "")}/${archive}${rest}`);
      checkPickle("test", archive, record(".pkl") as Buffer, (key) => record(`/${key}`));
    }
  }
});

describe("passes", () => {
  for (const [what, body] of Object.entries({
    "an object": "c__torch__.a\nM\n)\x81}(X\x01\0\0\0aK\x01ub",
    "a list of a type": `ctorch.jit._pickle\nrestore_type_tag\n${tuple("]", text("List[Tensor]"))}R`,
    "a tensor that fills its storage": tensor(0, [2, 2], [2, 1]),
    "a tensor that repeats one element": tensor(3, [1000], [0]),
    "a tensor without elements": tensor(4, [0, 5], [5, 1]),
    "a device": `ctorch\ndevice\n${tuple(text("cpu"))}R`,
  })) {
    it(what, () => check(body));
  }
});

describe("refuses", () => {
  const refusals: Record<string, [body: string, pattern: RegExp]> = {
    "an opcode that runs code": ["cos\nsystem\n(tR", /a class of the file, or a function .* got "os.system"/],
    "a class of C++": ["c__torch__.torch.classes.a\nB\n)\x81}b", /a class of the file/],
    "a number in the place of a function": ["K\x01)R", /a class or function, got 1/],
    "another protocol's opcode": ["\x94", /an opcode that torch.jit.save writes/],
    "an empty stack": ["\x86", /2 values on the stack/],
    "values below a mark": ["K\x01(\x85", /1 values on the stack/],
    "a value too many": ["K\x01K\x01", /one value on the stack/],
    "a key without a value": ["}(K\x01u", /a value for every key/],
    "items without a mark": ["}u", /a mark on the stack/],
    "a place of the memo that is far away": [`Nr${"\xff".repeat(4)}`, /the next place of the memo/],
    "a place of the memo that was not filled": ["h\x01", /a place of the memo that was filled/],
    "a text that is longer than the file": ["X\xff\xff\xff\xff", /4294967295 bytes more/],
    "a name without an end": ["cabc", /the end of a line/],
    "an integer of another length": ["\x8a\x01\x01", /an integer of 8 bytes/],
    "a list in itself": ["]q\0(h\0e", /in itself/],
    "a list that changes inside of another": ["]q\0\x85h\0(K\x01e", /a list that is in no other yet/],
    "values nested deep": [`)${"\x85".repeat(300)}`, /nested at most 200 deep/],
    "a storage that is longer than its record": [storage(5), /at most 16 bytes in storage 0, got 20/],
    "a storage of a negative length": [storage(-1), /a number of elements/],
    "a storage that is not there": [storage(4, "FloatStorage", "1"), /the key of a record/],
    "a storage of another dtype": [
      storage(1, "ComplexFloatStorage"),
      /a storage of a dtype that there is here/,
    ],
    "bools of other bytes": [storage(4, "BoolStorage"), /bytes of 0 and 1/],
    "a tensor that reaches beyond its storage": [tensor(1, [2, 2], [2, 1]), /at most 4 elements .* got 5/],
    "a tensor of negative sizes": [tensor(0, [-1], [1]), /of at least 0/],
    "a tensor of negative strides": [tensor(3, [2], [-1]), /of at least 0/],
    "a tensor of huge sizes": [tensor(0, [2 ** 50, 2 ** 50], [0, 0]), /sizes that can be multiplied/],
    "more sizes than strides": [tensor(0, [2, 2], [1]), /a stride for each/],
    "a tensor of a list": [tensor(0, [1], [1], "]"), /a storage, got/],
    "a sparse tensor": ["ctorch._utils\n_rebuild_sparse_tensor\n)R", /a class of the file/],
    "a type that nests deep": [
      `ctorch.jit._pickle\nrestore_type_tag\n${tuple("]", `X\xe8\x07\0\0${"[".repeat(2024)}`)}R`,
      /more than 400 parts/,
    ],
  };
  for (const [what, [body, pattern]] of Object.entries(refusals)) {
    it(what, () =>
      assert.throws(
        () => check(body),
        (error: Error) => {
          assert.match(error.message, /^\[test\] .*byte \d+ of data\.pkl/);
          assert.match(error.message, pattern);
          return true;
        },
      ),
    );
  }
});
