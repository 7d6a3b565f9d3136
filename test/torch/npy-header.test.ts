import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { decodeNpyHeader, encodeNpyHeader } from "../../lib/torch/npy-header.ts";

/** The start of a file with that header, of version 1 unless said otherwise. */
function headerOf(text: string, version = 1): Buffer {
  const length = Buffer.alloc(version === 1 ? 2 : 4);
  length.writeUIntLE(Buffer.byteLength(text), 0, length.length);
  return Buffer.concat([
    Buffer.from(`\x93NUMPY${String.fromCharCode(version)}\0`, "latin1"),
    length,
    Buffer.from(text),
  ]);
}

function decode(text: string, dataBytes: number, version = 1) {
  const bytes = headerOf(text, version);
  return decodeNpyHeader("npy a.npy", bytes, bytes.length + dataBytes);
}

const members = (descr: string, fortran: string, shape: string) =>
  `{'descr': ${descr}, 'fortran_order': ${fortran}, 'shape': ${shape}, }\n`;

describe("decodeNpyHeader", () => {
  it("reads what encodeNpyHeader writes", () => {
    const bytes = encodeNpyHeader("test", "int16", [2, 3]);
    assert.equal(bytes.length % 64, 0);
    assert.deepEqual(decodeNpyHeader("npy a.npy", bytes, bytes.length + 12), {
      dtype: "int16",
      shape: [2, 3],
      fortranOrder: false,
      bigEndian: false,
      dataStart: bytes.length,
    });
  });

  it("reads other spellings of the same", () => {
    const spellings = [
      members("'>f8'", "True", "(2,)"),
      "{'shape':(2,),'descr':\">f8\",'fortran_order':True}",
      members("'>f8'", "True", "(2L,)"),
    ];
    for (const version of [1, 2, 3]) {
      for (const text of spellings) {
        const { dtype, shape, fortranOrder, bigEndian } = decode(text, 16, version);
        assert.deepEqual([dtype, shape, fortranOrder, bigEndian], ["float64", [2], true, true]);
      }
    }
    assert.equal(decode(members("'=i4'", "False", "()"), 4).bigEndian, false);
    assert.equal(decode(members("'>i1'", "False", "(3,)"), 3).bigEndian, false);
    assert.deepEqual(decode(members("'<f4'", "False", "(0, 5)"), 0).shape, [0, 5]);
  });

  const float = (shape: string) => members("'<f4'", "False", shape);
  const refused: [what: string, text: string, dataBytes: number, message: RegExp][] = [
    ["is no dictionary", "[]", 0, /\{ for character 0 of the header, got "\[\]"/],
    ["has an expression", members("'<f4'", "False", "(1+1,)"), 8, /a tuple of sizes for 'shape'/],
    ["calls a function", members("eval('1')", "False", "(1,)"), 4, /a plain dtype/],
    ["has another key", "{'description': 1}", 0, /'descr', 'fortran_order' or 'shape' for character 1/],
    [
      "has a key twice",
      `{'shape': (1,), ${float("(1,)").slice(1)}`,
      4,
      /every key once for the header, got "shape"/,
    ],
    ["lacks a key", "{'descr': '<f4', 'shape': (1,)}", 4, /'fortran_order' for the header/],
    ["has no end", "{'descr': '<f4', 'shape': (1,)", 4, /a comma or \}/],
    ["goes on after its end", `${float("(1,)")}x`, 4, /the end of the header/],
    ["has a number for an order", members("'<f4'", "1", "(1,)"), 4, /True or False for 'fortran_order'/],
    ["has a negative size", float("(-1,)"), 4, /a tuple of sizes/],
    ["has a list of sizes", float("[1]"), 4, /a tuple of sizes/],
    ["has sizes past counting", float("(9007199254740993, 1)"), 4, /sizes up to 2\^53 - 1|multiplied/],
    [
      "hides them behind 0",
      float("(0, 4503599627370496, 4503599627370496)"),
      0,
      /sizes that can be multiplied/,
    ],
    ["has 65 sizes", float(`(${"1, ".repeat(65)})`), 4, /at most 64 sizes for the shape, got an array of 65/],
    ["has too few elements", float("(3,)"), 8, /12 bytes of elements \(3 of float32\) for the file, got 8/],
    ["has too many elements", float("(1,)"), 8, /4 bytes of elements \(1 of float32\) for the file, got 8/],
    ["has no byte order", members("'|f4'", "False", "(1,)"), 4, /< or > before the dtype .* got "\|f4"/],
    [
      "has another dtype",
      members("'float32'", "False", "(1,)"),
      4,
      /one of b1, .* for the dtype, got "float32"/,
    ],
    ["has an empty dtype", members("''", "False", "(1,)"), 4, /one of b1, .* for the dtype, got ""/],
    ["has an escape in its dtype", members("'\\x3cf4'", "False", "(1,)"), 4, /a plain dtype/],
  ];
  for (const [what, text, dataBytes, message] of refused) {
    it(`refuses a header that ${what}`, () => {
      assert.throws(
        () => decode(text, dataBytes),
        (error: Error) => {
          assert.match(error.message, message);
          assert.ok(error.message.startsWith("[npy a.npy] expected "), error.message);
          return true;
        },
      );
    });
  }

  it("refuses other versions, other files and lengths that are false", () => {
    const whole = headerOf(float("()"));
    const decodeBytes = (bytes: Buffer) => decodeNpyHeader("npy a.npy", bytes, bytes.length + 4);
    assert.throws(() => decodeBytes(Buffer.alloc(0)), /the first bytes, got ""/);
    assert.throws(
      () => decodeBytes(Buffer.from("PK\x03\x04 and more")),
      /934e554d5059 \(NUMPY\) for the first bytes/,
    );
    for (const version of [
      [0, 0],
      [4, 0],
      [1, 1],
    ]) {
      const bytes = Buffer.from(whole);
      bytes.set(version, 6);
      assert.throws(() => decodeBytes(bytes), /1.0, 2.0 or 3.0 for the version/);
    }
    for (const length of [whole.length - 9, 65535]) {
      const bytes = Buffer.from(whole);
      bytes.writeUInt16LE(length, 8);
      assert.throws(() => decodeBytes(bytes), /at most \d+ for the length of the header/);
    }
    const long = headerOf(float("()"), 2);
    long.writeUInt32LE(2 ** 32 - 1, 8);
    assert.throws(() => decodeBytes(long), /for the length of the header, got 4294967295/);
    assert.throws(() => decodeBytes(long.subarray(0, 11)), /at least 12 bytes for the file, got 11/);
  });

  it("takes as long as the header is long", () => {
    const start = performance.now();
    for (const text of [
      float(`(${"1 ".repeat(30000)})`),
      `{${" ".repeat(65000)}`,
      float(`(${"1,".repeat(30000)}`),
    ]) {
      assert.throws(() => decode(text, 4));
    }
    assert.ok(performance.now() - start < 1000);
  });
});
