import assert from "node:assert/strict";
import { test } from "node:test";
import { randn, type Tensor, tensor, zeros } from "../../lib/torch/index.ts";
import { olderMethods } from "../../lib/torch/older-libtorch.ts";

const tensors: Record<string, () => Tensor> = {
  "a scalar": () => tensor(1),
  "a matrix": () => randn([2, 3]),
  "a transposed matrix": () => randn([2, 3]).t(),
  "a part of a matrix": () => randn([4, 3]).narrow(0, 1, 2),
  "a column": () => randn([4, 3]).narrow(1, 1, 1),
  "a row that is repeated": () => randn([1, 3]).expand([4, 3]),
  "nothing, transposed": () => zeros([0, 3]).t(),
};

for (const [name, make] of Object.entries(tensors)) {
  test(`methods for older releases say what the operators of this one do: ${name}`, () => {
    const one = make();
    assert.equal(olderMethods.dim.call(one), one.dim());
    assert.equal(olderMethods.numel.call(one), one.numel());
    assert.equal(olderMethods.storageOffset.call(one), one.storageOffset());
    assert.equal(olderMethods.isContiguous.call(one), one.isContiguous());
  });
}
