import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { autocast, isAutocastEnabled, nn, rand, tensor } from "../../lib/torch/index.ts";

const mixed = { device: "cpu", dtype: "bfloat16" } as const;
const x = rand([2, 3]);

describe("torch.autocast", () => {
  it("lets products compute in the lower dtype and sums in float32, and leaves tensors as they are", () => {
    const linear = new nn.Linear(3, 2);
    const [output, loss] = autocast(mixed, () => {
      const result = linear.forward(x);
      return [result, nn.functional.mseLoss(result, tensor([[0], [1]]).expand([2, 2]))] as const;
    });
    assert.deepEqual([output.dtype, loss.dtype], ["bfloat16", "float32"]);
    loss.backward();
    assert.deepEqual([linear.weight.dtype, linear.weight.grad?.dtype], ["float32", "float32"]);
    assert.equal(linear.forward(x).dtype, "float32");
  });

  it("takes float16 on the CPU, and its own dtype by default", () => {
    assert.equal(autocast({ dtype: "float16" }, () => x.matmul(x.t())).dtype, "float16");
    assert.equal(autocast({}, () => x.matmul(x.t())).dtype, "bfloat16");
  });

  it("nests, and can be switched off inside", () => {
    autocast(mixed, () => {
      assert.equal(isAutocastEnabled(), true);
      assert.equal(autocast({ enabled: false }, () => x.matmul(x.t())).dtype, "float32");
      assert.equal(autocast({ dtype: "float16" }, () => x.matmul(x.t())).dtype, "float16");
      assert.equal(x.matmul(x.t()).dtype, "bfloat16");
    });
    assert.equal(isAutocastEnabled(), false);
    assert.equal(isAutocastEnabled("cuda"), false);
  });

  it("is as before after an error and after a promise", () => {
    const fail = () => {
      throw new Error("inside");
    };
    assert.throws(() => autocast(mixed, fail), /inside/);
    assert.throws(
      () => autocast(mixed, () => Promise.reject(new Error("later"))),
      /a synchronous function for run/,
    );
    assert.equal(isAutocastEnabled(), false);
    assert.equal(x.matmul(x.t()).dtype, "float32");
  });

  it("casts a weight anew for the next use, after it has changed", () => {
    const linear = new nn.Linear(3, 1, { bias: false });
    const run = () => autocast(mixed, () => linear.forward(x).add(linear.forward(x)).tolist());
    const before = run();
    linear.weight.detach().zero_();
    assert.notDeepEqual(run(), before);
    assert.deepEqual(run(), [[0], [0]]);
  });

  it("refuses what it cannot do", () => {
    const run = (options: object) => autocast(options, () => x);
    assert.throws(() => run({ dtype: "float32" }), /dtype/);
    assert.throws(() => run({ device: "tpu" }), /device/);
    assert.throws(() => run({ type: "cpu" }), /Did you mean/);
    assert.throws(() => run({ enabled: 1 }), /a boolean for enabled/);
    assert.throws(() => autocast(mixed, undefined as unknown as () => void), /a function for run/);
  });
});
