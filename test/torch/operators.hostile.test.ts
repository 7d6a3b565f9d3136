import assert from "node:assert/strict";
import { test } from "node:test";
import * as nn from "../../lib/torch/generated/nn.ts";
import * as torch from "../../lib/torch/index.ts";
import { runHostile } from "./hostile-run.ts";

test("every operator survives two hostile calls", async (t) => {
  const report = await runHostile(2);
  t.diagnostic(`${report.operators} operators, ${report.results} results, ${report.errors} errors`);
  assert.deepEqual(report.crashes, []);
  assert.ok(report.operators > 1000);
});

/** Each of these ends the process in LibTorch itself; native/torch/guards.cc refuses it first. */
const crashers: Record<string, () => unknown> = {
  "eigenvalues of NaN": () => torch.linalg.eigvals(torch.full([3, 3], Number.NaN)),
  "a power of -2^63": () => torch.linalg.matrixPower(torch.eye(2), -(2n ** 63n)),
  "a polynomial of a giant order": () => torch.special.laguerrePolynomialL(torch.ones([1]), 2n ** 62n),
  "a polynomial of giant orders": () =>
    torch.special.legendrePolynomialP(torch.ones([1]), torch.full([1], 2n ** 62n)),
  "the least integer divided by -1": () => torch.full([8], -(2n ** 63n)).div(-1, { roundingMode: "trunc" }),
  "the least common multiple of the least integer": () =>
    torch.lcm(torch.full([8], -(2n ** 63n)), torch.full([8], -1n)),
  "counts whose sum overflows": () => torch.repeatInterleave(torch.full([4], 2n ** 62n)),
  "counts below zero": () => torch.repeatInterleave(torch.tensor([5n, -1n]), { outputSize: 4 }),
  "bags of many dimensions": () =>
    torch.embeddingBag(torch.ones([3, 0]), torch.full([3, 0], 0n), torch.full([3, 0], 0n)),
  "pivots that do not fit the matrix": () =>
    torch.luUnpack(torch.ones([2, 3, 4]), torch.zeros([3, 0], { dtype: "int32" })),
  "pivots outside the matrix": () =>
    torch.linalg.luSolve(torch.eye(2), torch.full([2], 1000, { dtype: "int32" }), torch.eye(2)),
  "pivots of half a block": () =>
    torch.linalg.ldlSolve(torch.eye(3), torch.tensor([1, 2, -3], { dtype: "int32" }), torch.eye(3)),
  "labels outside the classes": () =>
    torch.ctcLoss(torch.zeros([5, 1, 4]), torch.tensor([[10n ** 9n, 1n]]), [5], [2]),
  "bags that begin outside the indices": () =>
    torch.embeddingBag(torch.ones([3, 2]), torch.tensor([0n, 1n]), torch.tensor([0n, -999_999_999n])),
  "bags that leave indices over": () =>
    torch.nn.functional.embeddingBag(torch.tensor([0n, 1n, 1n]), torch.ones([3, 2]), {
      offsets: torch.tensor([0n, 1n]),
      includeLastOffset: true,
    }),
  "bags that overlap": () =>
    torch.embeddingBag(torch.ones([3, 2]), torch.tensor([0n, 1n]), torch.tensor([0n, 2n, 1n])),
  "indices without a bag": () =>
    torch.embeddingBag(torch.ones([3, 2]), torch.tensor([0n, 1n]), torch.zeros([0], { dtype: "int64" })),
  "positions of NaN in an image": () =>
    torch.gridSampler(torch.ones([1, 1, 4, 4]), torch.full([1, 4, 4, 2], Number.NaN), 0, 1, false),
  "attention over no heads": () =>
    nn.scaledDotProductAttention(
      torch.ones([1, 2, 3, 4]),
      torch.ones([1, 0, 3, 4]),
      torch.ones([1, 0, 3, 4]),
      { enableGqa: true },
    ),
  "segments outside the data": () =>
    torch.segmentReduce(torch.ones([4]), "sum", { offsets: torch.tensor([0n, 10n ** 9n]) }),
  "fewer values than keys": () =>
    nn.scaledDotProductAttention(
      torch.ones([1, 1, 9, 4]),
      torch.ones([1, 1, 9, 4]),
      torch.ones([1, 1, 1, 4]),
    ),
  "windows outside the image": () =>
    nn.fractionalMaxPool2d(torch.ones([1, 1, 6, 6]), 2, 3, torch.full([1, 1, 2], 1e9)),
  "distances between no rows, backward": () => torch.pdist(torch.zeros([0, 3], { requiresGrad: true })),
  "trials with a probability of NaN": () => torch.binomial(torch.ones([1]), torch.full([1], Number.NaN)),
  "a giant offset": () => torch.zeros([0, 3]).asStrided_([1], [64], 2n ** 63n - 1n),
  "a giant padding": () => nn.replicationPad2d(torch.ones([1, 2, 4, 4]), 2n ** 63n - 1n),
  "a giant output": () => nn.adaptiveAvgPool3d(torch.ones([1, 2, 4, 4]), [Number.MAX_SAFE_INTEGER, 1, 0]),
  "a giant kernel": () => torch.maxPool1d(torch.ones([2, 3, 4]), Number.MAX_SAFE_INTEGER, { padding: 1 }),
};

for (const [name, call] of Object.entries(crashers)) {
  test(`${name} is an error`, () => assert.throws(call, /^\w*Error: \[torch\.[\w.]+\] expected /));
}
