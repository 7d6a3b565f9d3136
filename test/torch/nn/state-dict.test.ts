import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { nn, type Tensor, tensor, zeros } from "../../../lib/torch/index.ts";

describe("state dicts", () => {
  test("share memory with the module and are detached", () => {
    const linear = new nn.Linear(1, 1);
    const weight = linear.stateDict().weight as Tensor;
    assert.equal(weight.requiresGrad, false);
    weight.fill_(5);
    assert.deepEqual(linear.weight.tolist(), [[5]]);
  });

  test("are copied in, into the dtype that is there", () => {
    const linear = new nn.Linear(1, 1);
    const dict = { weight: tensor([[2]], { dtype: "float64" }), bias: tensor([1]) };
    assert.deepEqual(linear.loadStateDict(dict), { missingKeys: [], unexpectedKeys: [] });
    assert.deepEqual(linear.weight.tolist(), [[2]]);
    assert.equal(linear.weight.dtype, "float32");
    assert.ok(linear.weight.requiresGrad && linear.weight.isLeaf);
  });

  test("that do not fit give one error that lists everything, and nothing changes", () => {
    const linear = new nn.Linear(1, 1);
    const before = linear.weight.tolist();
    const disposed = zeros([1]);
    disposed.dispose();
    assert.throws(() => linear.loadStateDict({ weight: tensor([[9]]), extra: zeros([1]) }), {
      message:
        "[Module.loadStateDict] Error(s) in loading state_dict for Linear:\n" +
        '\tMissing key(s) in state_dict: "bias".\n\tUnexpected key(s) in state_dict: "extra".',
    });
    assert.throws(
      () => linear.loadStateDict({ weight: tensor([[9]]), bias: zeros([2, 3]) }, { strict: false }),
      {
        message:
          "[Module.loadStateDict] Error(s) in loading state_dict for Linear:\n\tsize mismatch for bias: copying a param " +
          "with shape [2, 3] from checkpoint, the shape in current model is [1].",
      },
    );
    assert.throws(
      () => linear.loadStateDict({ weight: tensor([[9]]), bias: disposed }),
      /one that was disposed/,
    );
    assert.throws(
      () => linear.loadStateDict({ weight: 1 as unknown as Tensor, bias: zeros([1]) }),
      /expected a Tensor/,
    );
    assert.throws(
      () => linear.loadStateDict(null as never),
      /expected an object of tensors by name for dict/,
    );
    assert.deepEqual(linear.weight.tolist(), before);
  });

  test("may be partial if not strict, and the difference is returned", () => {
    const linear = new nn.Linear(1, 1);
    const result = linear.loadStateDict({ weight: tensor([[9]]), extra: zeros([1]) }, { strict: false });
    assert.deepEqual(result, { missingKeys: ["bias"], unexpectedKeys: ["extra"] });
    assert.deepEqual(linear.weight.tolist(), [[9]]);
  });
});

test("a state dict without num_batches_tracked, as old ones are, is complete", () => {
  const norm = new nn.BatchNorm1d(2);
  norm.numBatchesTracked?.fill_(3);
  const { num_batches_tracked, ...old } = norm.stateDict();
  assert.equal(num_batches_tracked?.item(), 3);
  assert.deepEqual(norm.loadStateDict(old), { missingKeys: [], unexpectedKeys: [] });
  assert.equal(norm.numBatchesTracked?.item(), 3);
  const tracked = new nn.InstanceNorm1d(2, { trackRunningStats: true });
  const { running_mean, num_batches_tracked: count, ...rest } = tracked.stateDict();
  assert.ok(running_mean && count);
  assert.throws(() => tracked.loadStateDict(rest), /Missing key\(s\) in state_dict: "running_mean"\./);
});
