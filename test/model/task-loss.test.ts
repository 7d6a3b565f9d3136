import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type LossFunction, MultitaskClassifier, type TaskOptions } from "../../lib/model/index.ts";
import { nn, type Tensor, tensor } from "../../lib/torch/index.ts";
import { fieldTask } from "./models.ts";

const { functional } = nn;
const logits = tensor([
  [2, -1, 0.5],
  [0.5, 0.25, -3],
  [1, 0, 0],
]);
// One row is complete, one is partly labelled, one not at all.
const labels = tensor([
  [1, 0, 1],
  [-1, 1, -1],
  [-1, -1, -1],
]);
const known = tensor([
  [true, true, true],
  [false, true, false],
  [false, false, false],
]);

/** The loss and the gradients of the output. */
function lossOf(options: Partial<TaskOptions>, given = labels) {
  const inputs = logits.clone().requiresGrad_();
  const model = new MultitaskClassifier([fieldTask("task", options)], { device: "cpu" });
  const { lossDict, countDict } = model.calculateLoss({ logits: inputs }, { task: given });
  lossDict.task?.backward();
  return { loss: lossDict.task as Tensor, count: countDict.task, gradient: inputs.grad as Tensor };
}

describe("labels of -1 beside others in a row do not reach the loss:", () => {
  const ones = { BCE: functional.binaryCrossEntropyWithLogits, BCEModule: new nn.BCEWithLogitsLoss() };
  const wantedBce = functional
    .binaryCrossEntropyWithLogits(logits.maskedSelect(known), labels.maskedSelect(known))
    .item();
  const cases: Record<string, { lossFunc: LossFunction | nn.Module; wanted: number }> = {
    "binary cross-entropy": { lossFunc: ones.BCE, wanted: wantedBce },
    "its module": { lossFunc: ones.BCEModule, wanted: wantedBce },
    "its module, as a sum": {
      lossFunc: new nn.BCEWithLogitsLoss({ reduction: "sum" }),
      wanted: wantedBce * 4,
    },
    "squared errors": {
      lossFunc: functional.mseLoss,
      wanted: functional.mseLoss(logits.maskedSelect(known), labels.maskedSelect(known)).item(),
    },
    "a function of one value for each label": {
      lossFunc: (output, given) => output.sub(given).abs(),
      wanted: functional.l1Loss(logits.maskedSelect(known), labels.maskedSelect(known)).item(),
    },
    "the focal loss": {
      lossFunc: functional.sigmoidFocalLoss,
      wanted: functional.sigmoidFocalLoss(logits, labels).maskedSelect(known).mean().item(),
    },
  };
  for (const [name, { lossFunc, wanted }] of Object.entries(cases)) {
    test(name, () => {
      for (const _ of ["before it was seen", "after"]) {
        const { loss, count, gradient } = lossOf({ lossFunc });
        assert.ok(Math.abs(loss.item() - wanted) < 1e-6, `${loss.item()}, not ${wanted}`);
        assert.equal(count, 2);
        assert.ok(gradient.maskedSelect(known.logicalNot()).eq(0).all().item());
        assert.ok(gradient.maskedSelect(known).ne(0).all().item());
      }
    });
  }
});

test("complete labels give the loss of PyTorch and its gradients, to the bit", () => {
  const complete = tensor([
    [1, 0, 1],
    [0, 1, 0],
    [1, 1, 1],
  ]);
  for (const lossFunc of [
    functional.binaryCrossEntropyWithLogits,
    functional.mseLoss,
    functional.huberLoss,
  ]) {
    const { loss, gradient } = lossOf({ lossFunc }, complete);
    const inputs = logits.clone().requiresGrad_();
    const wanted = lossFunc(inputs, complete);
    wanted.backward();
    assert.equal(loss.item(), wanted.item());
    assert.ok(gradient.equal(inputs.grad as Tensor));
  }
});

test("a function of one value gets the labels of -1 as they are", () => {
  const seen: unknown[] = [];
  const lossFunc: LossFunction = (output, given) => {
    seen.push(given.tolist());
    return functional.mseLoss(output, given);
  };
  lossOf({ lossFunc });
  assert.deepEqual(seen.at(-1), labels.narrow(0, 0, 2).tolist());
});

test("a kind gives the loss labels of the output's shape, floating", () => {
  const single = logits.narrow(1, 0, 1);
  const model = new MultitaskClassifier([fieldTask("task", { kind: "regression" })], { device: "cpu" });
  const given = tensor([1n, 2n, 3n]);
  const { lossDict } = model.calculateLoss({ logits: single }, { task: given });
  assert.equal(lossDict.task?.item(), functional.mseLoss(single, given.float().unsqueeze(1)).item());
});
