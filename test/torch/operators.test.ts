import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import * as nn from "../../lib/torch/generated/nn.ts";
import * as torch from "../../lib/torch/index.ts";
import { operator } from "../../lib/torch/operators.ts";
import { Tensor } from "../../lib/torch/tensor.ts";

interface Golden {
  name: string;
  positional: unknown[];
  named: Record<string, unknown>;
  result: unknown;
}

interface Encoded {
  dtype: torch.Dtype;
  shape: number[];
  data: (number | string)[];
}

const goldens: Golden[] = JSON.parse(
  readFileSync(new URL("../goldens/operators.json", import.meta.url), "utf8"),
);

function isEncoded(value: unknown): value is Encoded {
  return typeof value === "object" && value !== null && "shape" in value;
}

function decode(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(decode);
  if (!isEncoded(value)) return value;
  const flat = value.data.map(Number);
  return (torch.tensor(flat, { dtype: "float64" }).to(value.dtype) as Tensor).view(value.shape);
}

function numbersOf(tensor: Tensor): number[] {
  return Array.from(tensor.toTypedArray() as ArrayLike<number | bigint>, Number);
}

function assertSame(got: unknown, want: unknown): void {
  if (Array.isArray(want)) {
    assert.ok(Array.isArray(got));
    assert.equal(got.length, want.length);
    for (const [i, element] of want.entries()) assertSame(got[i], element);
  } else if (isEncoded(want)) {
    assert.ok(got instanceof Tensor);
    assert.equal(got.dtype, want.dtype);
    assert.deepEqual(got.shape, want.shape);
    for (const [i, value] of numbersOf(got).entries()) {
      const wanted = Number(want.data[i]);
      const isClose =
        Object.is(value, wanted) || Math.abs(value - wanted) <= 1e-6 * Math.max(1, Math.abs(wanted));
      assert.ok(isClose, `element ${i}: ${value}, not ${wanted}`);
    }
  } else {
    assert.deepEqual(got, want);
  }
}

type Call = (...args: unknown[]) => unknown;

function find(name: string): Call {
  if (name.startsWith(".")) {
    const key = name.slice(1);
    return (self, ...rest) => (self as Record<string, Call>)[key]?.apply(self, rest);
  }
  let space: unknown = { ...nn, ...torch };
  for (const part of name.split(".")) space = (space as Record<string, unknown>)[part];
  return space as Call;
}

describe("operators give PyTorch's results", () => {
  for (const { name, positional, named, result } of goldens) {
    test(`${name} with ${positional.length} by position, { ${Object.keys(named)} } by name`, () => {
      const options = Object.keys(named).length > 0 ? [decode(named)] : [];
      assertSame(find(name)(...positional.map(decode), ...options), result);
    });
  }
});

const floats = () => torch.tensor([1.5, -2, 3]);
const integers = () => torch.tensor([1, -2, 3], { dtype: "int64" });

describe("arguments", () => {
  test("that are optional go by position or by name", () => {
    const x = torch.tensor([
      [1, 2],
      [3, 4],
    ]);
    for (const sum of [x.sum(1, true), x.sum(1, { keepdim: true }), torch.sum(x, [1], { keepdim: true })]) {
      assert.deepEqual(sum.tolist(), [[3], [7]]);
    }
  });

  test("may be undefined for the default", () => {
    assert.deepEqual(floats().softmax(0, undefined).shape, [3]);
    assert.deepEqual(floats().softmax(0, { dtype: undefined }).dtype, "float32");
  });

  test("of a fixed length take one value for all", () => {
    const image = torch.ones([1, 1, 4, 4]);
    assert.deepEqual(torch.maxPool2d(image, 2).shape, torch.maxPool2d(image, [2, 2]).shape);
  });

  test("that are one list of sizes may be given one by one", () => {
    assert.deepEqual(torch.zeros([6]).view(2, -1).shape, [2, 3]);
    assert.deepEqual(torch.zeros([6]).view([2, -1]).shape, [2, 3]);
    assert.deepEqual(torch.zeros([2, 3]).permute(1, 0).shape, [3, 2]);
  });

  test("are refused by name and position at once", () => {
    const cumsum = torch.cumsum as unknown as Call;
    assert.throws(() => cumsum(floats(), 0, { dim: 0 }), /expected dim once, got it by position and by name/);
  });

  test("of an unknown name are refused, with the known ones", () => {
    const zeros = (options: object) => torch.zeros([1], options);
    assert.throws(
      () => zeros({ requiresgrad: true }),
      /\[torch\.zeros\] expected options among \[dtype, layout, device, pinMemory, requiresGrad\], got "requiresgrad"/,
    );
  });

  test("that fit no form are listed beside the forms", () => {
    const add = torch.add as unknown as Call;
    assert.throws(
      () => add(floats(), "2", { alpha: 1 }),
      /expected the arguments of one of its forms, got \(a Tensor, "2" \(string\), \{ alpha: 1 \(number\) \}\)\. The forms are\n {2}torch\.add\(/,
    );
  });

  test("of too many are refused", () => {
    const abs = torch.abs as unknown as Call;
    assert.throws(() => abs(floats(), 1), /\[torch\.abs\] expected at most 1 arguments by position, got 2/);
  });

  test("that throw while they are read throw their own error, once", () => {
    let reads = 0;
    const options = {
      get alpha(): number {
        reads++;
        throw new RangeError("mine");
      },
    };
    assert.throws(() => floats().add(floats(), options), { name: "RangeError", message: "mine" });
    assert.equal(reads, 1);
  });

  test("cannot change between their check and their use", () => {
    let reads = 0;
    const sizes = Object.defineProperty([2, 2], 0, { get: () => (reads++ === 0 ? 2 : "x") });
    assert.deepEqual(torch.zeros(sizes).shape, [2, 2]);
    assert.equal(reads, 1);
  });

  test("of an options object without a prototype count, those of a prototype do not", () => {
    const bare: { alpha?: number } = Object.assign(Object.create(null), { alpha: 2 });
    assert.deepEqual(numbersOf(floats().add(floats(), bare)), [4.5, -6, 9]);
    class Options {
      alpha = 2;
    }
    assert.throws(() => floats().add(floats(), new Options()), /got \(a Tensor, a Tensor, an object\)/);
  });

  test("that are disposed are refused by name", () => {
    const gone = floats();
    gone.dispose();
    assert.throws(() => floats().add(gone), /expected a live Tensor for other, got one that was disposed/);
  });
});

describe("overloads", () => {
  test("are told apart by kind and number of arguments", () => {
    const x = torch.tensor([
      [1, 5],
      [7, 3],
    ]);
    assert.equal(x.max().item(), 7);
    assert.deepEqual(x.max(1)[1].tolist(), [1, 0]);
    assert.deepEqual(x.max(torch.full([2, 2], 4)).tolist(), [
      [4, 5],
      [7, 4],
    ]);
    assert.deepEqual(
      x.split(1).map((part) => part.shape),
      [
        [1, 2],
        [1, 2],
      ],
    );
    assert.deepEqual(
      x.split([2]).map((part) => part.shape),
      [[2, 2]],
    );
    assert.equal(x.std(false).shape.length, 0);
    assert.deepEqual(x.std(0).shape, [2]);
  });
});

describe("results", () => {
  test("of in-place operators are the tensor itself", () => {
    const x = floats();
    assert.equal(x.add_(1), x);
    assert.equal(torch.relu_(x), x);
  });

  test("of other operators are objects of their own, even where nothing changed", () => {
    const x = floats();
    const same = x.contiguous();
    assert.notEqual(same, x);
    assert.ok(same.isSame(x));
    same.dispose();
    assert.equal(x.isDisposed, false);
  });

  test("are arrays for several values, numbers, booleans and dtypes", () => {
    const [sign, logarithm] = torch.linalg.slogdet(torch.eye(2));
    assert.deepEqual([sign.item(), logarithm.item()], [1, 0]);
    assert.equal(floats().numel(), 3);
    assert.equal(torch.equal(floats(), floats()), true);
    assert.equal(torch.resultType(integers(), 0.5), "float32");
    assert.equal(torch.promoteTypes("int32", "bool"), "int32");
  });
});

describe("factories", () => {
  test("take requiresGrad", () => {
    assert.equal(torch.zeros([2], { requiresGrad: true }).requiresGrad, true);
    assert.equal(torch.zerosLike(floats()).requiresGrad, false);
    assert.throws(() => torch.zeros([2], { dtype: "int64", requiresGrad: true }), /floating point/);
  });

  test("take a generator", () => {
    const draw = () => torch.rand([3], { generator: new torch.Generator().manualSeed(7) }).tolist();
    assert.deepEqual(draw(), draw());
    const generator = new torch.Generator().manualSeed(7);
    assert.notDeepEqual(
      floats().normal_(0, 1, { generator }).tolist(),
      floats().normal_(0, 1, { generator }).tolist(),
    );
  });

  test("refuse an unknown dtype and an absent device", () => {
    const zeros = torch.zeros as unknown as Call;
    assert.throws(
      () => zeros([1], { dtype: "float" }),
      /expected a dtype \(one of .*\) for dtype, got "float"/,
    );
    assert.throws(() => zeros([1], { device: "cuda:99" }), /cuda:99/);
  });
});

test("LibTorch's own errors come without its backtrace", () => {
  assert.throws(
    () => floats().matmul(torch.ones([2, 2])),
    (error: Error) => {
      assert.match(error.message, /^\[torch\.Tensor\.matmul\] /);
      assert.doesNotMatch(error.message, /frame #|Exception raised from/);
      return true;
    },
  );
});

test("an index that is out of range is a RangeError", () => {
  assert.throws(() => floats().select(0, 3), RangeError);
});

test("an operator that LibTorch does not have is an error at its first call", () => {
  const missing = operator("missing", ["aten::missing"]);
  assert.throws(() => missing(), /this LibTorch has no operator missing/);
});
