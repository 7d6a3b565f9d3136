import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { inspect } from "node:util";
import { tensor } from "../../lib/torch/creation.ts";
import type { Dtype } from "../../lib/torch/dtype.ts";
import { memory } from "../../lib/torch/memory.ts";
import { operator } from "../../lib/torch/operators.ts";
import { formatTensor } from "../../lib/torch/print.ts";
import { scope } from "../../lib/torch/scope.ts";
import type { Tensor } from "../../lib/torch/tensor.ts";
import golden from "../goldens/print.json" with { type: "json" };

const view = operator("view", ["aten::view"]);
const transpose = operator("transpose", ["aten::transpose.int"]);
const expand = operator("expand", ["aten::expand"]);
const multiply = operator("mul", ["aten::mul.Tensor"]);

function build(given: (typeof golden)[number]): Tensor {
  const { values, shape, device } = given;
  const dtype = given.dtype as Dtype;
  const length = shape.reduce((product, size) => product * size, 1);
  const flat =
    dtype === "int64"
      ? tensor(BigInt64Array.from({ length }, (_, i) => BigInt(values[i % values.length] ?? 0)))
      : tensor(Float64Array.from({ length }, (_, i) => Number(values[i % values.length]))).to(dtype);
  const full = view(flat, shape) as Tensor;
  const placed = device === "cpu" ? full : full.to({ device });
  const turned = given.transpose ? (transpose(placed, 0, 1) as Tensor) : placed;
  return given.requiresGrad ? turned.requiresGrad_() : turned;
}

describe("formatTensor", () => {
  for (const [position, given] of golden.entries()) {
    const { dtype, shape, device } = given;
    it(`prints as PyTorch does: case ${position}, ${dtype} [${shape}] on ${device}`, () => {
      scope(() => assert.equal(formatTensor(build(given)), given.text));
    });
  }

  it("reads no more than it shows", () => {
    scope(() => {
      const huge = expand(tensor([[1.5]]), [1e9, 1e9]) as Tensor;
      const row = "[1.5000, 1.5000, 1.5000,  ..., 1.5000, 1.5000, 1.5000]";
      const rows = [row, row, row, "...", row, row, row];
      assert.equal(formatTensor(huge), `tensor([${rows.join(",\n        ")}])`);
    });
  });

  it("keeps no tensor alive, and records nothing", () => {
    scope(() => {
      const large = tensor(new Float32Array(5000)).requiresGrad_();
      const before = memory();
      formatTensor(large);
      assert.deepEqual(memory(), before);
    });
  });

  it("says requires_grad=True of the result of an operation too", () => {
    scope(() => {
      const leaf = tensor([1, 2], { requiresGrad: true });
      assert.equal(formatTensor(multiply(leaf, leaf) as Tensor), "tensor([1., 4.], requires_grad=True)");
    });
  });

  it("is what toString and console.log show, of a disposed tensor too", () => {
    const one = tensor([1, 2]);
    assert.equal(String(one), "tensor([1., 2.])");
    assert.equal(inspect({ one }), "{ one: tensor([1., 2.]) }");
    one.dispose();
    assert.equal(String(one), "tensor(<disposed>)");
  });
});
