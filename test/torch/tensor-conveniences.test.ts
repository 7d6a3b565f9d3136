import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { arange, memory, scope, tensor, unique } from "../../lib/torch/index.ts";

describe("Tensor", () => {
  test("converts by the names of dtypes", () => {
    const halves = tensor([1.5, 0]);
    assert.deepEqual(
      [halves.float(), halves.double(), halves.half(), halves.bfloat16()].map((value) => value.dtype),
      ["float32", "float64", "float16", "bfloat16"],
    );
    assert.deepEqual([halves.long().dtype, halves.long().tolist()], ["int64", [1, 0]]);
    assert.deepEqual([halves.int().dtype, halves.int().tolist()], ["int32", [1, 0]]);
    assert.deepEqual([halves.bool().dtype, halves.bool().tolist()], ["bool", [true, false]]);
  });

  test("passes gradients through conversions", () => {
    const leaf = tensor([1, 2], { requiresGrad: true });
    leaf.double().sum().backward();
    assert.deepEqual(leaf.grad?.tolist(), [1, 1]);
  });

  test("transposes as a view", () => {
    const cube = arange(6).reshape([1, 2, 3]);
    assert.deepEqual([cube.T.shape, cube.mT.shape, cube.ndim], [[3, 2, 1], [1, 3, 2], 3]);
    cube.mT.index(0, 2, 1).fill_(9);
    assert.equal(cube.index(0, 1, 2).item(), 9);
    assert.throws(() => tensor([1]).mT, /\[torch\.Tensor\.mT\]/);
  });

  test("says that it was disposed", () => {
    const gone = tensor([1]);
    gone.dispose();
    for (const use of [() => gone.float(), () => gone.T, () => gone.ndim, () => gone.unique()])
      assert.throws(use, /disposed/);
  });

  test("has nothing more to enumerate", () => {
    const names: string[] = [];
    for (const name in tensor(1)) names.push(name);
    assert.deepEqual(names, []);
  });
});

describe("torch.unique", () => {
  test("is a method, too, and keeps the tensors that were asked for alone", () => {
    const input = tensor([2, 1, 2]);
    scope(() => {
      const before = memory().tensors;
      const [elements, counts] = input.unique({ returnCounts: true });
      assert.deepEqual(
        [elements.tolist(), counts.tolist()],
        [
          [1, 2],
          [1, 2],
        ],
      );
      assert.equal(memory().tensors, before + 2);
    });
  });

  test("refuses unknown options and dimensions", () => {
    assert.throws(() => unique(tensor([1]), { sort: true } as never), /\[torch\.unique\].*"sorted"/);
    assert.throws(() => unique(tensor([1]), { dim: 5 }), /Dimension out of range/);
    assert.throws(() => unique(tensor([1]), { returnCounts: 1 as never }), /a boolean for returnCounts/);
    assert.throws(() => unique([1] as never), /\[torch\.unique\]/);
  });
});
