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

test("parity 17: the loss is 0 for a sure and right output, and the nearer the output the lower", () => {
  assert.equal(crossEntropyWithProbs(oneHot.mul(200).sub(100), oneHot).item(), 0);
  const target = tensor([
    [0.1, 0.9],
    [0.5, 0.5],
  ]);
  const lossOf = (first: number[], second: number[]) =>
    crossEntropyWithProbs(tensor([first, second]), target).item();
  const loss = lossOf([0.1, 0.3], [1, 0]);
  assert.ok(loss < lossOf([0.1, 0.2], [1, 0]));
  assert.equal(
    loss,
    lossOf([0.1, 0.3], [0, 1]),
    "where both classes are as likely, neither is the better output",
  );
});

test("parity 17: weights of 1 change nothing, and a class weighs as much as its weight", () => {
  const plain = crossEntropyWithProbs(logits, oneHot);
  assert.equal(crossEntropyWithProbs(logits, oneHot, { weight: tensor([1, 1, 1]) }).item(), plain.item());
  const weight = tensor([1, 2, 1]);
  const ofRows = nn.functional.crossEntropy(logits, labels, { weight, reduction: "none" });
  close(crossEntropyWithProbs(logits, oneHot, { weight }), ofRows.mean());
});

test("parity 17: another reduction is refused", () => {
  const reduction = "bad" as never;
  assert.throws(() => crossEntropyWithProbs(logits, oneHot, { reduction }), /reduction/);
});
