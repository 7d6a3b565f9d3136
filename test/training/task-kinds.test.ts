import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import type { LossFunction } from "../../lib/model/index.ts";
import { nn, rand, randn, setNumThreads, tensor, where } from "../../lib/torch/index.ts";
import { assertSameBothWays } from "./both-ways.ts";
import { makeLoader, makeModel, rows } from "./step-models.ts";

before(() => setNumThreads(1));

/** 0 or 1 for each of three labels; single ones are missing, and whole rows. */
const severalLabels = (missing: number) =>
  where(
    rand([rows, 1])
      .lt(missing / 2)
      .logicalOr(rand([rows, 3]).lt(missing)),
    tensor(-1),
    randn([rows, 3]).gt(0).to("float32"),
  );

describe("training by programs is training without, to the bit, and is recorded:", () => {
  const entropy: LossFunction = (output, labels) =>
    nn.functional.binaryCrossEntropyWithLogits(output, labels, { reduction: "none" });
  const losses = {
    "the kind's loss": undefined,
    "a loss module": new nn.BCEWithLogitsLoss({ posWeight: tensor([1, 2, 3]) }),
    "a function of one value for each label": entropy,
  };
  for (const missing of [0, 0.4]) {
    for (const [name, lossFunc] of Object.entries(losses)) {
      test(`several labels, ${missing * 100} percent missing, ${name}`, async () => {
        const options = { kind: "multilabel", lossFunc } as const;
        const model = () => makeModel({ tasks: { first: options, second: options } });
        const loaders = () => [makeLoader("train", { labels: severalLabels, missing })];
        const { warnings } = await assertSameBothWays({ model, loaders });
        assert.deepEqual(warnings, []);
      });
    }
  }

  for (const precision of ["float64", "bf16", "bf16-mixed"] as const) {
    test(`several labels and real ones, precision ${precision}`, async () => {
      const model = () =>
        makeModel({ tasks: { first: { kind: "multilabel" }, second: { kind: "regression" } } });
      const loaders = () => [makeLoader("train", { labels: severalLabels, missing: 0.3 })];
      const { warnings } = await assertSameBothWays({ model, loaders, options: { precision } });
      assert.deepEqual(warnings, []);
    });
  }

  for (const lossFunc of [undefined, nn.functional.huberLoss]) {
    test(`regression, some labels missing, ${lossFunc ? "with a loss of torch.nn" : "the kind's loss"}`, async () => {
      const labels = (missing: number) => where(rand([rows, 3]).lt(missing), tensor(-1), randn([rows, 3]));
      const options = { kind: "regression", lossFunc } as const;
      const model = () => makeModel({ tasks: { first: options, second: options } });
      const loaders = () => [makeLoader("train", { labels, missing: 0.3 })];
      const { warnings } = await assertSameBothWays({ model, loaders });
      assert.deepEqual(warnings, []);
    });
  }
});
