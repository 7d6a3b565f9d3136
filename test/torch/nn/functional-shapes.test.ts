import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { nn, ones, randn, type Tensor, tensor, zeros } from "../../../lib/torch/index.ts";

const F = nn.functional;
const image = randn([2, 4, 5, 6]);

function same(actual: Tensor, expected: Tensor): void {
  assert.deepEqual(actual.tolist(), expected.tolist());
}

describe("functions give what their modules give", () => {
  const transposed = new nn.ConvTranspose2d(4, 2, 3, { stride: 2 });
  const bag = new nn.EmbeddingBag(5, 2, { mode: "sum" });
  const indices = tensor([[0n, 1n, 4n]]);
  const weights = ones([1, 3]);
  const cases: [string, () => Tensor, () => Tensor][] = [
    [
      "convTranspose2d",
      () => F.convTranspose2d(image, transposed.weight, { bias: transposed.bias, stride: 2 }),
      () => transposed.forward(image),
    ],
    [
      "embeddingBag",
      () => F.embeddingBag(indices, bag.weight, { mode: "sum", perSampleWeights: weights }),
      () => bag.forward(indices, null, weights),
    ],
    ["instanceNorm", () => F.instanceNorm(image), () => new nn.InstanceNorm2d(4).forward(image)],
    ["rmsNorm", () => F.rmsNorm(image, [6]), () => new nn.RMSNorm(6).forward(image)],
    ["lpPool2d", () => F.lpPool2d(image, 2, 2), () => new nn.LPPool2d(2, 2).forward(image)],
    ["pad", () => F.pad(image, [1, 1, 1, 1]), () => new nn.ZeroPad2d(1).forward(image)],
    ["unfold", () => F.unfold(image, 2), () => new nn.Unfold(2).forward(image)],
    ["pixelShuffle", () => F.pixelShuffle(image, 2), () => new nn.PixelShuffle(2).forward(image)],
    [
      "cosineSimilarity",
      () => F.cosineSimilarity(image, image),
      () => new nn.CosineSimilarity().forward(image, image),
    ],
    [
      "interpolate",
      () => F.interpolate(image, { scaleFactor: 2, mode: "bicubic" }),
      () => new nn.Upsample({ scaleFactor: 2, mode: "bicubic" }).forward(image),
    ],
  ];
  for (const [name, run, module] of cases) test(name, () => same(run(), module()));

  test("normalize makes vectors of length 1", () => {
    same(F.normalize(tensor([[3, 4]])), tensor([[0.6, 0.8]], { dtype: "float32" }));
    same(F.pdist(tensor([[0], [3], [7]])), tensor([3, 7, 4]));
  });

  test("returnIndices gives positions, from which maxUnpool goes back", () => {
    const [maxima, indices] = F.maxPool2d(image, 2, { returnIndices: true });
    const back = F.maxUnpool2d(maxima, indices, 2, { outputSize: [5, 6] });
    assert.deepEqual(back.shape, image.shape);
    same(back.max(), maxima.max());
    same(new nn.MaxPool2d(2, { returnIndices: true }).forward(image)[1], indices);
  });

  test("smoothing modes of interpolate work on smaller outputs", () => {
    for (const mode of ["bilinear", "bicubic", "lanczos"] as const)
      assert.deepEqual(F.interpolate(image, { size: 3, mode, antialias: true }).shape, [2, 4, 3, 3]);
  });
});

describe("arguments that do not fit are one clear error", () => {
  const pooled = F.maxPool2d(image, 2);
  const indices = zeros([2, 4, 2, 3], { dtype: "int64" });
  const upsample = (options: nn.functional.InterpolateOptions) => () => F.interpolate(image, options);
  const cases: [string, () => unknown, RegExp][] = [
    [
      "an unpooled size far off",
      () => F.maxUnpool2d(pooled, indices, 2, { outputSize: [9, 9] }),
      /between 2 and 6/,
    ],
    [
      "an unpooled size of 3",
      () => F.maxUnpool2d(pooled, indices, 2, { outputSize: [1, 2, 3] }),
      /2 or 4 sizes/,
    ],
    [
      "positions outside",
      () => F.maxUnpool2d(pooled, indices.add(99n), 2),
      /\[torch.nn.functional.maxUnpool2d\].*max index/s,
    ],
    [
      "an output that the stride does not allow",
      () => new nn.ConvTranspose1d(1, 1, 3, { stride: 2 }).forward(zeros([1, 1, 4]), [20]),
      /a size from 9 to 10 for outputSize\[0\], got 20/,
    ],
    ["a norm of 0", () => F.lpPool1d(zeros([1, 1, 4]), 0, 2), /a number that is not 0 for normType/],
    ["neither size nor factor", upsample({}), /a size or a scaleFactor/],
    ["size and factor", upsample({ size: 2, scaleFactor: 2 }), /size or scaleFactor, not both/],
    ["corners without a slope", upsample({ size: 2, alignCorners: true }), /null with mode "nearest"/],
    ["a mode of other dimensions", upsample({ size: 2, mode: "linear" }), /3 dimensions with mode "linear"/],
    ["smoothing the nearest", upsample({ size: 2, antialias: true }), /bilinear, bicubic and lanczos/],
    [
      "lanczos without smoothing",
      upsample({ size: 2, mode: "lanczos" }),
      /true with mode "lanczos" for antialias/,
    ],
    ["a factor of 0", upsample({ scaleFactor: 0 }), /a number above 0 for scaleFactor/],
    ["a ratio of 1", () => F.fractionalMaxPool2d(image, 2, { outputRatio: 1 }), /below 1 for outputRatio/],
    ["both ways to say a size", () => new nn.FractionalMaxPool2d(2, {}), /either outputSize or outputRatio/],
    ["too many sides", () => new nn.ZeroPad1d([1, 2, 3]), /an array of 2 integers for padding/],
    [
      "a circle around a row",
      () => new nn.CircularPad1d(1).forward(zeros([3])),
      /2 or 3 dimensions for input/,
    ],
    ["a circle longer than its row", () => new nn.CircularPad1d(4).forward(zeros([1, 3])), /wrapping around/],
    [
      "a giant padding",
      () => new nn.ConstantPad1d(2 ** 40, 0).forward(zeros([4, 3])),
      /torch.nn.functional.pad/,
    ],
    [
      "a sparse array of sizes",
      () => new nn.AdaptiveAvgPool2d(new Array(2 ** 32 - 1)),
      /an array of 2 integers/,
    ],
    ["a shape without end", () => new nn.LayerNorm(new Array(2 ** 32 - 1)), /1 to 64 sizes/],
    [
      "a bag without bags",
      () => new nn.EmbeddingBag(3, 2).forward(tensor([0n])),
      /a tensor, for an input of 1/,
    ],
    [
      "weights of another size",
      () => new nn.EmbeddingBag(3, 2, { mode: "sum" }).forward(tensor([[0n]]), null, ones([2])),
      /the input's size \[1,1\] for perSampleWeights/,
    ],
    ["a matrix of rank 3", () => nn.init.eye_(zeros([1, 1, 1])), /2 dimensions for tensor/],
    [
      "groups that do not divide",
      () => nn.init.dirac_(zeros([3, 1, 1]), { groups: 2 }),
      /a divisor of 3 for groups/,
    ],
    ["bounds that cross", () => nn.init.truncNormal_(zeros([2]), { a: 1, b: 1 }), /above 1 for b/],
    ["an unknown gain", () => nn.init.calculateGain("softmax" as never), /nonlinearity to be one of/],
  ];
  for (const [name, run, error] of cases) test(name, () => assert.throws(run, error));
});
