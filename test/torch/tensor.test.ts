import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { inspect } from "node:util";
import { tensor } from "../../lib/torch/creation.ts";
import { type Dtype, dtypes } from "../../lib/torch/dtype.ts";
import { memory } from "../../lib/torch/memory.ts";
import { native } from "../../lib/torch/native.ts";
import { type NestedArray, Tensor } from "../../lib/torch/tensor.ts";

const grid = (): Tensor =>
  tensor([
    [1, 2, 3],
    [4, 5, 6],
  ]);

describe("Tensor", () => {
  it("has one shape, whatever code of the user's does to it while that is read", (context) => {
    const many = tensor([1]).reshape(Array(60).fill(1));
    const define = Object.defineProperty;
    context.after(() => Reflect.deleteProperty(Array.prototype, 0));
    let calls = 0;
    define(Array.prototype, 0, {
      configurable: true,
      set(this: unknown[], value: unknown) {
        define(this, 0, { value, writable: true, configurable: true, enumerable: true });
        if (calls++ === 0) many.resize_([1]);
      },
    });
    const shape = native.tensorShape(many);
    Reflect.deleteProperty(Array.prototype, 0);
    assert.ok(calls > 0);
    assert.deepEqual(shape, Array(60).fill(1));
  });

  it("knows its shape, strides, dtype and device", () => {
    const transposed = grid().t();
    assert.deepEqual(transposed.shape, [3, 2]);
    assert.deepEqual(transposed.stride(), [1, 3]);
    assert.deepEqual([transposed.size(0), transposed.size(-1)], [3, 2]);
    assert.equal(transposed.dtype, "float32");
    assert.equal(transposed.device, "cpu");
    for (const dim of [2, -3, 0.5])
      assert.throws(() => transposed.size(dim), /\[Tensor\.size\] expected a dimension/);
  });

  it("is the same as another object's tensor only if it is that very tensor", () => {
    const made = tensor([1], { requiresGrad: true });
    made.sum().backward();
    assert.ok(made.grad?.isSame(made.grad));
    assert.ok(!made.isSame(tensor([1])));
  });
});

describe("Tensor.toTypedArray", () => {
  const arrays: Record<Dtype, NodeJS.TypedArray> = {
    float32: Float32Array.of(1, 2),
    float64: Float64Array.of(1, 2),
    float16: Float32Array.of(1, 2),
    bfloat16: Float32Array.of(1, 2),
    int64: BigInt64Array.of(1n, 2n),
    int32: Int32Array.of(1, 2),
    int16: Int16Array.of(1, 2),
    int8: Int8Array.of(1, 2),
    uint8: Uint8Array.of(1, 2),
    bool: Uint8Array.of(1, 1),
  };
  for (const dtype of dtypes) {
    it(`gives a ${arrays[dtype].constructor.name} for ${dtype}`, () => {
      assert.deepEqual(tensor([1, 2], { dtype }).toTypedArray(), arrays[dtype]);
    });
  }

  it("gives a copy in row-major order, whatever the strides", () => {
    const made = grid();
    const copy = made.toTypedArray();
    copy[0] = 9;
    assert.equal(made.index(0, 0).item(), 1);
    assert.deepEqual([...made.t().toTypedArray()], [1, 4, 2, 5, 3, 6]);
    assert.deepEqual([...tensor([7]).expand([3]).toTypedArray()], [7, 7, 7]);
    assert.deepEqual([...tensor(1).toTypedArray()], [1]);
    assert.deepEqual([...tensor([]).toTypedArray()], []);
  });

  it("is an error where there is no memory for it, or nothing to read", () => {
    assert.throws(() => tensor(1).to("meta").toTypedArray(), /meta/);
    assert.throws(
      () =>
        tensor([1])
          .expand([2 ** 45])
          .toTypedArray(),
      Error,
    );
  });
});

describe("Tensor.tolist", () => {
  it("nests as the shape does", () => {
    assert.deepEqual(grid().tolist(), [
      [1, 2, 3],
      [4, 5, 6],
    ]);
    assert.equal(tensor(2.5).tolist(), 2.5);
    assert.deepEqual(tensor([[], []]).tolist(), [[], []]);
    assert.deepEqual(tensor([[true], [false]]).tolist(), [[true], [false]] as unknown as NestedArray<number>);
  });

  it("gives numbers for int64, and refuses those that a number cannot hold", () => {
    assert.deepEqual(tensor([2n ** 53n - 1n, -1n]).tolist(), [2 ** 53 - 1, -1]);
    assert.throws(
      () => tensor([2n ** 53n]).tolist(),
      (error) => error instanceof RangeError && /toTypedArray/.test(error.message),
    );
  });
});

describe("Tensor.item", () => {
  it("gives a number, a boolean, or a bigint past 2^53", () => {
    assert.equal(tensor([[2.5]]).item(), 2.5);
    assert.equal(Object.is(tensor(-0).item(), -0), true);
    assert.equal(tensor(true).item(), true);
    assert.equal(tensor(5n).item(), 5);
    assert.equal(tensor(2n ** 53n).item(), 2n ** 53n);
    assert.equal(tensor(-(2n ** 63n)).item(), -(2n ** 63n));
    assert.equal(tensor(0.1, { dtype: "float16" }).item(), 0.0999755859375);
  });

  it("is an error for a tensor of several elements, or of none", () => {
    assert.throws(() => grid().item(), /\[Tensor\.item\].*6 elements/);
    assert.throws(() => tensor([]).item(), /0 elements/);
  });
});

describe("Tensor.to", () => {
  it("takes a dtype, a device, a tensor or options", () => {
    assert.equal(grid().to("int64").dtype, "int64");
    assert.equal(grid().to("meta").device, "meta");
    assert.equal(grid().to(tensor(true)).dtype, "bool");
    assert.equal(grid().to({ dtype: "float16", device: "cpu" }).dtype, "float16");
    assert.equal(grid().cpu().device, "cpu");
  });

  it("gives a tensor that can be disposed by itself, and copies only if asked", () => {
    const made = grid();
    assert.ok(made.to("float32").isSame(made));
    assert.ok(!made.to({ copy: true }).isSame(made));
    made.to("float32").dispose();
    assert.equal(made.isDisposed, false);
  });

  it("refuses everything else", () => {
    assert.throws(
      () => grid().to("float" as Dtype),
      /\[Tensor\.to\] expected dtype to be one of.*mean "float/,
    );
    assert.throws(() => grid().to({ dtpye: "int64" } as object), /mean "dtype"/);
    for (const target of [null, 5, [], new Map()]) {
      assert.throws(
        () => grid().to(target as unknown as Dtype),
        /\[Tensor\.to\] expected a dtype, device, Tensor or options/,
      );
    }
  });
});

describe("A disposed tensor", () => {
  const disposed = (): Tensor => {
    const made = tensor([1, 2]);
    made.dispose();
    return made;
  };

  it("says so, and can be disposed again", () => {
    const made = disposed();
    assert.equal(made.isDisposed, true);
    made.dispose();
    assert.equal(String(made), "tensor(<disposed>)");
    assert.equal(inspect(made), "tensor(<disposed>)");
  });

  const uses: Record<string, (made: Tensor) => unknown> = {
    shape: (made) => made.shape,
    dtype: (made) => made.dtype,
    device: (made) => made.device,
    stride: (made) => made.stride(),
    item: (made) => made.item(),
    tolist: (made) => made.tolist(),
    toTypedArray: (made) => made.toTypedArray(),
    to: (made) => made.to("int64"),
    index: (made) => made.index(0),
    "index by it": (made) => tensor([1]).index(made),
    indexPut_: (made) => made.indexPut_([0], 1),
    "indexPut_ of it": (made) => tensor([1]).indexPut_([0], made),
    isSame: (made) => tensor(1).isSame(made),
    backward: (made) => made.backward(),
    grad: (made) => made.grad,
    "grad to it": (made) => {
      tensor([1, 2]).grad = made;
    },
    requiresGrad: (made) => made.requiresGrad,
    requiresGrad_: (made) => made.requiresGrad_(),
    isLeaf: (made) => made.isLeaf,
    retainGrad: (made) => made.retainGrad(),
    "an operator": (made) => made.add(1),
    "an operator's argument": (made) => tensor(1).add(made),
  };
  for (const [name, use] of Object.entries(uses)) {
    it(`is an error to use: ${name}`, () => assert.throws(() => use(disposed()), /disposed/));
  }

  it("leaves its views alive", () => {
    const made = grid();
    const view = made.index(1);
    made.dispose();
    assert.deepEqual(view.tolist(), [4, 5, 6]);
  });

  it("is what `using` leaves behind", () => {
    let outside: Tensor;
    {
      using made = grid();
      outside = made;
      assert.equal(made.isDisposed, false);
    }
    assert.equal(outside.isDisposed, true);
  });
});

describe("An object that is no tensor", () => {
  it("is an error, not a crash", () => {
    for (const impostor of [
      Object.create(Tensor.prototype),
      new Tensor(),
      {},
      new Proxy(grid(), {}),
    ] as Tensor[]) {
      assert.throws(() => native.tensorShape(impostor), /expected a Tensor for tensor, got/);
      assert.throws(() => grid().add(impostor), TypeError);
    }
  });

  it("holds nothing where the constructor was called by hand", () => {
    const before = memory();
    const empty = new Tensor();
    assert.equal(empty.isDisposed, true);
    empty.dispose();
    assert.deepEqual(memory(), before);
  });
});
