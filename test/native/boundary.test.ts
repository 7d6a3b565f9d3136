import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { tensor } from "../../lib/torch/creation.ts";
import { native } from "../../lib/torch/native.ts";
import { Generator } from "../../lib/torch/random.ts";
import { Tensor } from "../../lib/torch/tensor.ts";
import { assertSurvives } from "./run-hostile.ts";

it("Every native function answers hostile values with a result or an Error", (t) => {
  const { functions, results, errors } = assertSurvives(0, 40);
  t.diagnostic(`${functions} functions, ${results} results, ${errors} errors`);
  assert.ok(functions > 40 && results > 100 && errors > 1000);
});

describe("Handles", () => {
  it("of one kind are not taken for another", () => {
    assert.throws(
      () => native.tensorShape(new Generator() as unknown as Tensor),
      /expected a Tensor for tensor, got an object/,
    );
    assert.throws(
      () => native.generatorSeed(tensor(1) as unknown as Generator, 1),
      /expected a Generator for generator, got an object/,
    );
  });

  it("are made of fresh objects only", () => {
    const made = tensor(1);
    assert.throws(() => native.tensorAdopt(made, tensor(2)), /expected a fresh object for instance/);
    assert.throws(() => native.generatorInit(made as unknown as Generator, "cpu"), Error);
    assert.throws(() => native.tensorAdopt(new Generator() as unknown as Tensor, made), Error);
    assert.equal(made.item(), 1);
    made.dispose();
    assert.throws(() => native.tensorAdopt(made, tensor(2)), /fresh/);
    assert.throws(() => native.generatorInit(made as unknown as Generator, "cpu"), Error);
    assert.equal(made.isDisposed, true);
  });
});

describe("Errors", () => {
  it("carry a code, the function's public name, and no C++ backtrace", () => {
    const errors: [() => unknown, new () => Error, string, RegExp][] = [
      [() => tensor([1, 2]).item(), Error, "ERR_LIBTORCH", /^\[Tensor\.item\] /],
      [() => tensor([1]).index(4), RangeError, "ERR_LIBTORCH", /^\[Tensor\.index\] index 4 is out of bounds/],
      [
        () => native.tensorShape({} as Tensor),
        TypeError,
        "ERR_INVALID_ARG_TYPE",
        /^\[Tensor\.shape\] expected a Tensor/,
      ],
    ];
    for (const [call, kind, code, message] of errors) {
      assert.throws(call, (error: Error & { code?: string }) => {
        assert.ok(error instanceof kind);
        assert.equal(error.code, code);
        assert.match(error.message, message);
        assert.doesNotMatch(error.message, /frame #|C\+\+ CapturedTraceback/);
        return true;
      });
    }
  });

  it("of the user's own code come through as they are", () => {
    const mine = new Error("mine");
    const indices = Object.defineProperty([0], 0, {
      get() {
        throw mine;
      },
    });
    assert.throws(
      () => native.tensorIndex(tensor([1]), indices),
      (error) => error === mine,
    );
  });
});

describe("The class of tensors", () => {
  const restore = (run: () => void) => {
    try {
      run();
    } finally {
      native.setTensorClass(Tensor);
    }
  };

  it("may be any constructor without harm", () => {
    const taken = tensor(1);
    const classes: (new () => Tensor)[] = [
      (() => taken) as unknown as new () => Tensor,
      (() => taken) as unknown as new () => Tensor,
      class {
        constructor() {
          throw new Error("not today");
        }
      } as unknown as new () => Tensor,
    ];
    for (const one of classes) {
      restore(() => {
        native.setTensorClass(one);
        assert.throws(() => native.generatorGetState(null), Error);
      });
    }
    assert.equal(taken.item(), 1);
  });

  it("may call back", () => {
    restore(() => {
      let depth = 0;
      native.setTensorClass(
        class {
          constructor() {
            if (depth++ < 3) native.generatorGetState(null);
          }
        } as unknown as new () => Tensor,
      );
      native.generatorGetState(null);
      assert.equal(depth, 4);
    });
  });
});

describe("Memory", () => {
  it("that shrank or went away while the arguments were read is not read", () => {
    const buffer = Reflect.construct(ArrayBuffer, [16, { maxByteLength: 16 }]) as ArrayBuffer & {
      resize(size: number): void;
    };
    const shape = Object.defineProperty([4], 0, {
      get() {
        buffer.resize(4);
        return 4;
      },
    });
    assert.throws(
      () => native.tensorFromTypedArray(new Float32Array(buffer), shape, "float32", "cpu"),
      /got 1/,
    );
  });

  it("of the wrong size is an error", () => {
    const array = Float32Array.of(1, 2);
    for (const shape of [[], [1], [3], [-2], [2, -1], [2 ** 40, 2 ** 40], [2 ** 32, 2 ** 32], [0.5]]) {
      assert.throws(() => native.tensorFromTypedArray(array, shape, "float32", "cpu"), TypeError);
      assert.throws(() => native.tensorFromBytes(new Uint8Array(8), shape, "float32"), TypeError);
    }
    assert.throws(
      () => native.tensorFromBytes(new Uint8Array(7), [1], "float32"),
      /whole elements of float32/,
    );
    assert.throws(
      () => native.tensorFromBytes(array as unknown as Uint8Array, [2], "float32"),
      /a Uint8Array/,
    );
  });

  it("read as bool is true or false, whatever its bytes", () => {
    assert.deepEqual(native.tensorFromBytes(Uint8Array.of(0, 1, 2, 255), [4], "bool").tolist(), [
      false,
      true,
      true,
      true,
    ]);
    assert.deepEqual(native.tensorToBytes(tensor([1.5])), new Uint8Array(Float32Array.of(1.5).buffer));
  });
});
