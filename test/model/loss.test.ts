import assert from "node:assert/strict";
import { test } from "node:test";
import { crossEntropyWithProbs } from "../../lib/model/index.ts";
import { nn, type Tensor, tensor } from "../../lib/torch/index.ts";

const logits = tensor([
  [1, -2, 0.5],
  [0, 3, -1],
  [2, 2, 2],
]);
const labels = tensor([0, 1, 2], { dtype: "int64" });
const oneHot = tensor([
  [1, 0, 0],
  [0, 1, 0],
  [0, 0, 1],
]);

function close(actual: Tensor, wanted: Tensor): void {
  assert.ok(actual.allclose(wanted, { rtol: 1e-6, atol: 1e-7 }), `${actual} is not ${wanted}`);
}

test("parity 17: with one-hot probabilities the loss is cross-entropy, in each reduction", () => {
  for (const reduction of ["none", "mean", "sum"] as const) {
    const loss = crossEntropyWithProbs(logits, oneHot, { reduction });
    close(loss, nn.functional.crossEntropy(logits, labels, { reduction }));
  }
});

test("parity 17: 'mean' divides by the number of rows, not by the sum of the weights", () => {
  const weight = tensor([10, 10, 10]);
  const plain = crossEntropyWithProbs(logits, oneHot);
  close(crossEntropyWithProbs(logits, oneHot, { weight }), plain.mul(10));
});

test("parity 17: another reduction is refused", () => {
  const reduction = "bad" as never;
  assert.throws(() => crossEntropyWithProbs(logits, oneHot, { reduction }), /reduction/);
});
