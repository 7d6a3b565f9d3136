import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { getRngState, manualSeed, nn, randn, type Tensor } from "../../../lib/torch/index.ts";
import type { FactoryOptions } from "../../../lib/torch/nn/factory.ts";

const makers: Record<string, (options: FactoryOptions) => nn.Module> = {
  Linear: (options) => new nn.Linear(2, 3, options),
  Bilinear: (options) => new nn.Bilinear(2, 3, 2, options),
  Conv1d: (options) => new nn.Conv1d(2, 3, 2, options),
  ConvTranspose2d: (options) => new nn.ConvTranspose2d(2, 3, 2, options),
  BatchNorm1d: (options) => new nn.BatchNorm1d(2, { ...options, bias: false }),
  InstanceNorm1d: (options) => new nn.InstanceNorm1d(2, { ...options, affine: true }),
  LayerNorm: (options) => new nn.LayerNorm(2, options),
  GroupNorm: (options) => new nn.GroupNorm(1, 2, options),
  RMSNorm: (options) => new nn.RMSNorm(2, options),
  Embedding: (options) => new nn.Embedding(2, 3, options),
  EmbeddingBag: (options) => new nn.EmbeddingBag(2, 3, options),
  PReLU: (options) => new nn.PReLU(options),
  LSTM: (options) => new nn.LSTM(2, 3, options),
  GRUCell: (options) => new nn.GRUCell(2, 3, options),
};

const floating = (module: nn.Module): Tensor[] =>
  [...module.parameters(), ...module.buffers()].filter(({ dtype }) => dtype !== "int64");

describe("dtype and device of a new module", () => {
  for (const [name, make] of Object.entries(makers)) {
    test(name, () => {
      assert.ok(floating(make({})).every(({ dtype }) => dtype === "float32"));
      assert.ok(floating(make({ dtype: "float64" })).every(({ dtype }) => dtype === "float64"));
      const module = make({ device: "meta" });
      assert.ok([...module.parameters(), ...module.buffers()].every(({ device }) => device === "meta"));
      const half = make({ dtype: "bfloat16" });
      assert.ok(half.parameters().every(({ isLeaf, requiresGrad }) => isLeaf && requiresGrad));
      assert.throws(() => make({ dtype: "int64" }), /expected a floating dtype for dtype, got "int64"/);
      assert.throws(() => make({ device: "moon" }), /device/);
    });
  }

  test("another device's module leaves the CPU's generator as it was", () => {
    for (const make of Object.values(makers)) {
      manualSeed(1);
      const before = getRngState().tolist();
      make({ device: "meta" });
      assert.deepEqual(getRngState().tolist(), before);
    }
  });

  test("a module without tensors has neither", () => {
    assert.throws(
      () => new nn.ReLU({ dtype: "float64" } as object),
      /expected option to be one of \["inplace"\]/,
    );
  });
});

test("a module's forward pass is of its dtype", () => {
  const linear = new nn.Linear(2, 3, { dtype: "float64" });
  assert.equal(linear.forward(randn([1, 2], { dtype: "float64" })).dtype, "float64");
});
