import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type TensorData, tensor } from "../../lib/torch/creation.ts";
import { type Dtype, dtypes } from "../../lib/torch/dtype.ts";
import golden from "../goldens/creation.json" with { type: "json" };

const integers = {
  int64: [-(2 ** 53) + 1, 2 ** 53 - 1],
  int32: [-(2 ** 31), 2 ** 31 - 1],
  int16: [-32768, 32767],
} as const;
const bytes = { int8: [-128, 127], uint8: [0, 255] } as const;

describe("torch.tensor of numbers", () => {
  it("takes a number, and nested arrays of any depth", () => {
    assert.deepEqual(tensor(1.5).shape, []);
    assert.equal(tensor(1.5).item(), 1.5);
    const data = [
      [
        [1, 2],
        [3, 4],
      ],
      [
        [5, 6],
        [7, 8],
      ],
    ];
    assert.deepEqual(tensor(data).shape, [2, 2, 2]);
    assert.deepEqual(tensor(data).tolist(), data);
  });

  it("makes float32 of numbers, int64 of bigints and bool of booleans", () => {
    assert.equal(tensor([1, 2]).dtype, "float32");
    assert.equal(tensor([1n]).dtype, "int64");
    assert.equal(tensor([true]).dtype, "bool");
    assert.equal(tensor(true).item(), true);
  });

  for (const [dtype, results] of Object.entries(golden.results)) {
    it(`rounds to ${dtype} as Python does`, () => {
      const made = tensor(golden.numbers.map(Number), { dtype: dtype as Dtype }).toTypedArray();
      assert.deepEqual(Array.from(made, Number), results.map(Number));
    });
  }

  for (const [dtype, range] of Object.entries({ ...integers, ...bytes })) {
    it(`takes whole numbers from ${range[0]} to ${range[1]} for ${dtype}, and no others`, () => {
      const made = tensor([...range, -0], { dtype: dtype as Dtype });
      assert.deepEqual(made.tolist(), [...range, 0]);
      for (const bad of [range[0] - 1, range[1] + 1, 0.5, Number.NaN, Number.POSITIVE_INFINITY]) {
        assert.throws(
          () => tensor([0, bad], { dtype: dtype as Dtype }),
          new RegExp(`${dtype}\\) for element 1, got`),
        );
        assert.throws(() => tensor(Float64Array.of(bad), { dtype: dtype as Dtype }), /for element 0/);
      }
    });
  }

  it("makes bool of numbers: all but 0 are true", () => {
    assert.deepEqual(tensor([0, -0, 2, Number.NaN], { dtype: "bool" }).tolist(), [false, false, true, true]);
  });
});

describe("torch.tensor of bigints", () => {
  it("keeps all 64 bits", () => {
    const values = [2n ** 63n - 1n, -(2n ** 63n), 2n ** 53n + 1n];
    assert.deepEqual(tensor(values).toTypedArray(), BigInt64Array.from(values));
    assert.throws(() => tensor([2n ** 63n]), /bigints of 64 bits/);
  });

  it("refuses what a smaller dtype cannot hold", () => {
    assert.deepEqual(tensor([255n], { dtype: "uint8" }).tolist(), [255]);
    assert.throws(() => tensor([256n], { dtype: "uint8" }), /uint8\) for element 0, got 256 \(bigint\)/);
    assert.throws(() => tensor(BigInt64Array.of(1n, -1n), { dtype: "uint8" }), /for element 1/);
  });
});

describe("torch.tensor of typed arrays", () => {
  const arrays: [NodeJS.TypedArray, Dtype][] = [
    [Float32Array.of(1.5, -0), "float32"],
    [Float64Array.of(0.1, Number.NaN), "float64"],
    [BigInt64Array.of(-1n, 2n ** 62n), "int64"],
    [Int32Array.of(-1, 5), "int32"],
    [Int16Array.of(-1, 5), "int16"],
    [Int8Array.of(-1, 5), "int8"],
    [Uint8Array.of(1, 255), "uint8"],
  ];
  for (const [array, dtype] of arrays) {
    it(`copies a ${array.constructor.name} as ${dtype}`, () => {
      const made = tensor(array);
      assert.equal(made.dtype, dtype);
      assert.deepEqual(made.shape, [2]);
      assert.deepEqual(made.toTypedArray(), array);
      array[0] = array[1] as never;
      assert.notDeepEqual(made.toTypedArray(), array);
    });
  }

  it("takes buffers, clamped arrays, parts of arrays and shared or resizable memory", () => {
    assert.deepEqual(tensor(Buffer.from([1, 2])).tolist(), [1, 2]);
    assert.equal(tensor(Uint8ClampedArray.of(300)).item(), 255);
    assert.deepEqual(tensor(Float32Array.of(1, 2, 3, 4).subarray(1, 3)).tolist(), [2, 3]);
    const shared = new Int32Array(new SharedArrayBuffer(8));
    shared[1] = 7;
    assert.deepEqual(tensor(shared).tolist(), [0, 7]);
    const resizable = Reflect.construct(ArrayBuffer, [8, { maxByteLength: 16 }]) as ArrayBuffer;
    assert.deepEqual(tensor(new Int16Array(resizable)).tolist(), [0, 0, 0, 0]);
  });

  it("takes empty and detached arrays as empty", () => {
    const array = new Float32Array(3);
    structuredClone(array.buffer, { transfer: [array.buffer] });
    assert.deepEqual(tensor(array).shape, [0]);
    assert.deepEqual(tensor(new Float32Array(0)).shape, [0]);
  });

  it("refuses arrays whose elements are of no dtype", () => {
    for (const array of [
      new Uint16Array(1),
      new Uint32Array(1),
      new BigUint64Array(1),
      new DataView(new ArrayBuffer(4)),
    ]) {
      assert.throws(() => tensor(array as unknown as TensorData), /expected one of Float32Array/);
    }
  });
});

describe("torch.tensor of shapes", () => {
  it("takes empty dimensions", () => {
    assert.deepEqual(tensor([]).shape, [0]);
    assert.deepEqual(tensor([[], []]).shape, [2, 0]);
    assert.equal(tensor([], { dtype: "int64" }).dtype, "int64");
  });

  const ragged = [
    [[1, 2], [3]],
    [[1], 2],
    [1, [2]],
    [[[1]], [[]]],
    [[], [1]],
  ] as TensorData[];
  for (const data of ragged) {
    it(`refuses ${JSON.stringify(data)}`, () =>
      assert.throws(() => tensor(data), /nested arrays of one shape/));
  }

  it("refuses arrays that hold themselves", () => {
    const endless: unknown[] = [];
    endless[0] = endless;
    assert.throws(() => tensor(endless as TensorData), /nested at most 64 deep/);
  });
});

describe("torch.tensor of anything else", () => {
  const cases: [unknown, RegExp][] = [
    ["text", /numbers, bigints or booleans for data, got "text"/],
    [undefined, /got undefined/],
    [[1, null], /got null/],
    [[null], /got null/],
    [new Array(2), /got undefined/],
    [[1, true], /elements of one kind \(number here\) for data, got true/],
    [[1n, 1], /one kind \(bigint here\)/],
    [{ length: 1, 0: 1 }, /numbers, bigints or booleans for data, got an object/],
    [new Map(), /got a Map/],
    [[new Date(0)], /got a Date/],
    [[tensor(1)], /Use torch\.stack or torch\.cat/],
  ];
  for (const [data, message] of cases) {
    it(`is an error: ${String(message)}`, () => assert.throws(() => tensor(data as TensorData), message));
  }

  it("refuses options that it does not know", () => {
    assert.throws(() => tensor(1, { dytpe: "int64" } as object), /\[torch\.tensor\].*mean "dtype"/);
    assert.throws(
      () => tensor(1, { dtype: "float" as Dtype }),
      /\[torch\.tensor\] expected dtype to be one of/,
    );
    assert.throws(() => tensor(1, { device: "gpu" }), /\[torch\.tensor\] expected a device/);
    assert.throws(() => tensor(1, { requiresGrad: 1 as unknown as boolean }), /a boolean for requiresGrad/);
    assert.throws(() => tensor(1, { dtype: "int64", requiresGrad: true }), /floating point/);
  });

  it("has a result for every dtype", () => {
    for (const dtype of dtypes) assert.equal(tensor([1], { dtype }).dtype, dtype);
  });
});
