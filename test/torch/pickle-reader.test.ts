import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { load } from "../../lib/torch/index.ts";
import { archiveOf, pickle, storage, tensorOn, text, whole } from "./pt-files.ts";

const floats = storage("FloatStorage", "0", 6);

/** What `load` makes of an archive with that pickle and a storage of six floats. */
async function loadPickle(bytes: Buffer): Promise<unknown> {
  return load(await archiveOf({ "data.pkl": bytes, "data/0": Buffer.alloc(24), version: "3\n" }));
}

describe("a pickle", () => {
  const refused: [what: string, bytes: Buffer, message: RegExp][] = [
    [
      "calls a function of the system",
      pickle("cos\nsystem\n(", text("true"), "tR"),
      /byte 2 .* got "os.system"/,
    ],
    ["calls a builtin", pickle("c__builtin__\neval\n(", text("1"), "tR"), /byte 2 .* got "__builtin__.eval"/],
    ["names one on the stack", pickle(text("os"), text("system"), "\x93"), /byte 14 .* got "os.system"/],
    [
      "names something that is no text",
      pickle("]", text("system"), "\x93"),
      /the name of a module for byte 11/,
    ],
    ["makes an object", pickle("ccollections\nOrderedDict\n)\x81"), /an opcode .* for byte 28 .* got "0x81"/],
    ["makes an instance", pickle("(ios\nsystem\n"), /an opcode .* for byte 3 .* got "0x69"/],
    ["uses an extension", pickle("\x82\x01"), /an opcode .* got "0x82"/],
    ["uses protocol 0", Buffer.from("I1\n."), /an opcode .* for byte 0 .* got "0x49"/],
    ["is of another protocol", Buffer.from("\x80\x06.", "latin1"), /a pickle protocol from 2 to 5 .* got 6/],
    ["is empty", Buffer.alloc(0), /1 bytes more for byte 0 of data.pkl, got 0/],
    ["has no end", Buffer.from("\x80\x02]", "latin1"), /1 bytes more for byte 3 of data.pkl, got 0/],
    ["ends with nothing", pickle(), /1 values on the stack/],
    ["claims a long text", pickle("X\xff\xff\xff\xff"), /4294967295 bytes more for byte 2 .* got 1/],
    [
      "claims a longer text",
      pickle("\x8d\xff\xff\xff\xff\xff\xff\xff\xff"),
      /bytes more for byte 2 .* got 1/,
    ],
    ["has text that is not UTF-8", pickle("U\x02\xff\xfe"), /text in UTF-8 for byte 2/],
    ["has a name without an end", pickle("cos"), /the end of a line for byte 2/],
    [
      "recalls what it never noted",
      pickle("h\x05"),
      /a place of the memo that was filled for byte 2 .* got 5/,
    ],
    ["takes from below a mark", pickle("N(\x85"), /1 values on the stack for byte 4/],
    ["has no mark", pickle("NNt"), /a mark on the stack for byte 4/],
    ["appends to a dictionary", pickle("}Na"), /a list to append to for byte 4/],
    ["puts items into a list", pickle("]NNs"), /a dictionary to put items into for byte 5/],
    ["has a key without a value", pickle("}(Nu"), /a value for every key/],
    ["has null for a key", pickle("}NNs"), /a string or an integer for a key .* got null/],
    ["has a fraction for a key", pickle("}G\x3f\xe0\0\0\0\0\0\0Ns"), /a string or an integer .* got 0.5/],
    ["calls a text", pickle(text("a"), ")R"), /a function to call for byte \d+ .* got "a"/],
    [
      "calls with a dictionary",
      pickle("ccollections\nOrderedDict\n}R"),
      /arguments of collections.OrderedDict/,
    ],
    ["builds a list", pickle("]}b"), /attributes of a dictionary/],
    ["builds with a list", pickle("}]b"), /attributes of a dictionary/],
    [
      "holds a class",
      pickle("](ccollections\nOrderedDict\ne"),
      /a plain value .* got "collections.OrderedDict"/,
    ],
    ["is a class", pickle("ctorch\nSize\n"), /a plain value or a tensor for byte \d+ .* got "torch.Size"/],
    [
      "holds a storage",
      pickle("]", floats, "a"),
      /a plain value or a tensor for byte \d+ .* got a PtStorage/,
    ],
    [
      "hides a class in tuples",
      pickle("}", text("a"), "ctorch\nSize\n\x85\x85s"),
      /a plain value .* got an array/,
    ],
    ["gives a dictionary items", pickle("ccollections\nOrderedDict\n]\x85R"), /as Python 3 writes it/],
    ["has a device without a name", pickle("ctorch\ndevice\n", whole(1), "\x85R"), /the name of a device/],
  ];
  for (const [what, bytes, message] of refused) {
    it(`that ${what} is refused`, async () => {
      await assert.rejects(loadPickle(bytes), (error: Error) => {
        assert.match(error.message, message);
        assert.match(error.message, /^\[torch\.load .*a\.pt\] expected /);
        return true;
      });
    });
  }

  it("may nest without end", async () => {
    const depth = 1e6;
    let value = await loadPickle(pickle("]".repeat(depth), "a".repeat(depth - 1)));
    for (let i = 1; i < depth; i++) value = (value as unknown[])[0];
    assert.deepEqual(value, []);
  });

  it("may hold itself", async () => {
    const value = (await loadPickle(pickle("]q\0h\0a"))) as unknown[];
    assert.equal(value[0], value);
  });

  it("may give a key a second value of the same kind", async () => {
    assert.deepEqual(await loadPickle(pickle("}(K\x01NK\x01\x88u")), { 1: true });
  });
});

describe("a tensor in a pickle", () => {
  const tensor = (offset: number, size: number[], stride: number[]) =>
    pickle(tensorOn(floats, offset, size, stride));
  const refused: [what: string, bytes: Buffer, message: RegExp][] = [
    ["past its storage", tensor(0, [7], [1]), /inside the 6 elements of storage "0" for byte \d+ .* got 7/],
    ["that starts past it", tensor(7, [], []), /inside the 6 elements .* got 8/],
    ["of strides past it", tensor(0, [2, 2], [5, 1]), /inside the 6 elements .* got 7/],
    ["of a negative offset", tensor(-1, [1], [1]), /the offset of a tensor .* got -1/],
    ["of a negative size", tensor(0, [-1], [1]), /sizes of a tensor/],
    ["of a negative stride", tensor(0, [2], [-1]), /1 strides of a tensor/],
    ["of too few strides", tensor(0, [1, 1], [1]), /2 strides of a tensor/],
    ["of 65 dimensions", tensor(0, Array(65).fill(1), Array(65).fill(1)), /at most 64 sizes/],
    ["of sizes past counting", tensor(0, Array(3).fill(2 ** 30), [0, 0, 0]), /sizes that can be multiplied/],
    [
      "that hides them behind 0",
      tensor(0, [0, ...Array(3).fill(2 ** 30)], [0, 0, 0, 0]),
      /can be multiplied/,
    ],
    [
      "without a storage",
      pickle("ctorch._utils\n_rebuild_tensor_v2\n)R"),
      /the storage of a tensor .* undefined/,
    ],
    ["on null", pickle(tensorOn("N", 0, [], [])), /the storage of a tensor .* got null/],
    [
      "on a storage that is missing",
      pickle(storage("FloatStorage", "1", 6)),
      /a storage of the archive .* got "1"/,
    ],
    ["on a longer storage", pickle(storage("FloatStorage", "0", 7)), /28 bytes, as byte \d+ .* got 24/],
    ["on a shorter storage", pickle(storage("FloatStorage", "0", 4)), /16 bytes, as byte \d+ .* got 24/],
    ["on a negative storage", pickle(storage("FloatStorage", "0", -1)), /the size of a storage .* got -1/],
    [
      "on one of two dtypes",
      pickle(floats, storage("IntStorage", "0", 6)),
      /6 elements of float32 in storage "0"/,
    ],
    ["on no storage at all", pickle(text("storage"), "\x85Q"), /the type of a storage/],
    ["on a module", pickle(text("module"), "\x85Q"), /the description of a storage .* got "module"/],
    ["on a text", pickle(text("0"), "Q"), /the description of a storage/],
    [
      "of a Parameter of nothing",
      pickle("ctorch._utils\n_rebuild_parameter\nN\x88}\x87R"),
      /the tensor of a Param/,
    ],
    [
      "of a type that makes itself",
      pickle("ctorch._tensor\n_rebuild_from_type_v2\nq\0(h\0N)}tR"),
      /what makes a tensor/,
    ],
  ];
  for (const [what, bytes, message] of refused) {
    it(`${what} is refused`, async () => {
      await assert.rejects(loadPickle(bytes), message);
    });
  }

  it("may be empty at the end of its storage, and larger than it where it repeats", async () => {
    const empty = (await loadPickle(tensor(6, [0, 5], [5, 1]))) as { shape: number[] };
    assert.deepEqual(empty.shape, [0, 5]);
    const wide = (await loadPickle(tensor(5, [1000, 1000], [0, 0]))) as { shape: number[] };
    assert.deepEqual(wide.shape, [1000, 1000]);
  });

  it("on a device that is not there says how to read it", async () => {
    const elsewhere = storage("FloatStorage", "0", 6).replace(text("cpu"), text("mps"));
    const path = await archiveOf({
      "data.pkl": pickle(tensorOn(elsewhere, 0, [], [])),
      "data/0": Buffer.alloc(24),
    });
    await assert.rejects(
      load(path),
      /storages of cpu or cuda .* got "mps" \(string\). Load it with { mapLocation/,
    );
    await load(path, { mapLocation: "cpu" });
    const far = storage("FloatStorage", "0", 6).replace(text("cpu"), text("cuda:63"));
    const other = await archiveOf({
      "data.pkl": pickle(tensorOn(far, 0, [], [])),
      "data/0": Buffer.alloc(24),
    });
    await assert.rejects(load(other), /a device that is there .* got "cuda:63" .*mapLocation/);
  });
});
