import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { nn, ones, rand, randn, type Tensor, tensor, zeros } from "../../../lib/torch/index.ts";

const F = nn.functional;
const labels = (values: number[]) => tensor(values, { dtype: "int64" });
const disposed = () => {
  const made = ones([2, 3]);
  made.dispose();
  return made;
};

describe("bad input to a loss is an error", () => {
  const logits = () => randn([2, 3]).requiresGrad_();
  const logProbs = () => randn([4, 2, 3]).logSoftmax(2);
  const cases: Record<string, [run: () => unknown, message: RegExp]> = {
    "multiMarginLoss: a label past the classes": [() => F.multiMarginLoss(logits(), labels([0, 3])), /range/],
    "multiMarginLoss: a negative label": [() => F.multiMarginLoss(logits(), labels([-1, 0])), /range/],
    "multiMarginLoss: p": [() => F.multiMarginLoss(logits(), labels([0, 1]), { p: 3 as 1 }), /1 or 2 for p/],
    "multiMarginLoss: weights": [
      () => F.multiMarginLoss(logits(), labels([0, 1]), { weight: ones([2]) }),
      /weight/,
    ],
    "MultiMarginLoss: p": [() => new nn.MultiMarginLoss({ p: 0 as 1 }), /\[nn.MultiMarginLoss\] .*1 or 2/],
    "multilabelMarginLoss: labels past the classes": [
      () => F.multilabelMarginLoss(randn([1, 3]), tensor([[0, 9, -1]], { dtype: "int64" })),
      /out of range/,
    ],
    "nllLoss: a giant label": [() => F.nllLoss(logits(), labels([0, 2 ** 40])), /out of bounds/],
    "focalLoss: a label past the classes": [() => F.focalLoss(logits(), labels([0, 3])), /out of bounds/],
    "focalLoss: gamma": [() => new nn.FocalLoss({ gamma: -1 }), /at least 0 for gamma/],
    "sigmoidFocalLoss: alpha": [() => new nn.SigmoidFocalLoss({ alpha: 2 }), /-1 for none for alpha/],
    "sigmoidFocalLoss: sizes": [() => F.sigmoidFocalLoss(logits(), ones([2])), /size/],
    "marginRankingLoss: dimensions": [
      () => F.marginRankingLoss(ones([2]), ones([2]), ones([2, 1])),
      /1 dimensions, as input1 has for target/,
    ],
    "tripletMarginLoss: margin": [
      () => F.tripletMarginLoss(ones([2]), ones([2]), ones([2]), { margin: 0 }),
      /above 0 for margin/,
    ],
    "TripletMarginWithDistanceLoss: distance": [
      () => new nn.TripletMarginWithDistanceLoss({ distanceFunction: 2 as never }),
      /function, a module or null for distanceFunction/,
    ],
    "tripletMarginWithDistanceLoss: dimensions": [
      () => F.tripletMarginWithDistanceLoss(ones([2, 3]), ones([2, 3]), ones([3])),
      /2 dimensions, as anchor has for negative/,
    ],
    "ctcLoss: a label past the classes": [
      () => F.ctcLoss(logProbs(), tensor([[1], [9]], { dtype: "int64" }), [4, 4], [1, 1]),
      /targets/,
    ],
    "ctcLoss: an input that is too long": [
      () => F.ctcLoss(logProbs(), tensor([[1], [2]], { dtype: "int64" }), [5, 4], [1, 1]),
      /input_lengths/,
    ],
    "ctcLoss: a target of negative length": [
      () => F.ctcLoss(logProbs(), labels([1, 2]), [4, 4], [-1, 3]),
      /target_lengths/,
    ],
    "ctcLoss: targets that are too long": [
      () => F.ctcLoss(logProbs(), labels([1, 2]), [4, 4], [2, 3]),
      /size|target/,
    ],
    "ctcLoss: too few lengths": [() => F.ctcLoss(logProbs(), labels([1]), [4], [1]), /batch_size/],
    "ctcLoss: a blank past the classes": [
      () => F.ctcLoss(logProbs(), labels([1, 2]), [4, 4], [1, 1], { blank: 3 }),
      /blank/,
    ],
    "gaussianNllLoss: a negative variance": [
      () => F.gaussianNllLoss(ones([2]), ones([2]), tensor([1, -1])),
      /variances of at least 0/,
    ],
    "gaussianNllLoss: a negative number": [
      () => F.gaussianNllLoss(ones([2]), ones([2]), -1),
      /at least 0 for variance/,
    ],
    "gaussianNllLoss: a size that does not fit": [
      () => F.gaussianNllLoss(ones([2, 3]), ones([2, 3]), ones([3])),
      /fits the input's \[2,3\]/,
    ],
    "linearCrossEntropy: features": [
      () => F.linearCrossEntropy(ones([2, 3]), ones([4, 2]), labels([0, 1])),
      /features of input/,
    ],
    "linearCrossEntropy: ignoreIndex of probabilities": [
      () => F.linearCrossEntropy(ones([2, 3]), ones([4, 3]), rand([2, 4]), { ignoreIndex: 1 }),
      /ignoreIndex/,
    ],
    "LinearCrossEntropyLoss: weights": [
      () => new nn.LinearCrossEntropyLoss(3, 4, { weight: ones([3]) }),
      /\[4\] for the size of weight/,
    ],
    "AdaptiveLogSoftmaxWithLoss: cutoffs that fall": [
      () => new nn.AdaptiveLogSoftmaxWithLoss(8, 10, [5, 3]),
      /at least 6 at most 9 for cutoffs/,
    ],
    "AdaptiveLogSoftmaxWithLoss: clusters without features": [
      () => new nn.AdaptiveLogSoftmaxWithLoss(8, 10, [3, 5]),
      /the features of a cluster/,
    ],
    "AdaptiveLogSoftmaxWithLoss: a label past the classes": [
      () => new nn.AdaptiveLogSoftmaxWithLoss(8, 10, [3]).forward(ones([2, 8]), labels([0, 10])),
      /labels from 0 to 9/,
    ],
    "an unknown reduction": [
      () => new nn.SoftMarginLoss({ reduction: "avg" as never }),
      /reduction to be one of/,
    ],
    "an unknown option": [() => new nn.CTCLoss({ blanc: 1 } as never), /"blank"/],
    "a disposed input": [() => F.softMarginLoss(disposed(), ones([2, 3])), /disposed/],
    "a target that is no tensor": [() => F.hingeEmbeddingLoss(ones([2]), [1, 1] as never), /Tensor/],
  };
  for (const [name, [run, message]] of Object.entries(cases)) {
    test(name, () => assert.throws(run, message));
  }
});

describe("focal losses", () => {
  test("are cross-entropy where nothing is focused", () => {
    const [input, target] = [randn([5, 3]), labels([0, 1, 2, 1, 0])];
    const plain = F.crossEntropy(input, target);
    assert.ok(F.focalLoss(input, target, { gamma: 0 }).allclose(plain, { rtol: 1e-6 }));
    const binary = tensor([[1, 0, 1]]).expand([5, 3]);
    const unweighted = F.sigmoidFocalLoss(input, binary, { gamma: 0, alpha: -1, reduction: "mean" });
    assert.ok(unweighted.allclose(F.binaryCrossEntropyWithLogits(input, binary), { rtol: 1e-6 }));
  });

  test("have a finite gradient where a label is certain, whatever gamma", () => {
    for (const gamma of [0, 0.5, 1, 2]) {
      const input = tensor([[200, 0]], { requiresGrad: true });
      F.focalLoss(input, labels([0]), { gamma }).backward();
      assert.deepEqual(input.grad?.tolist(), [[0, 0]]);
    }
  });
});

describe("AdaptiveLogSoftmaxWithLoss", () => {
  const adaptive = new nn.AdaptiveLogSoftmaxWithLoss(12, 9, [3, 6], { divValue: 2 });
  const input = randn([20, 12]).mul(4);

  test("gives log-probabilities that add up to 1, of which forward picks the labels'", () => {
    const logProbs = adaptive.logProb(input);
    assert.ok(
      logProbs
        .exp()
        .sum(1)
        .allclose(ones([20]), { rtol: 1e-5 }),
    );
    const target = labels(Array.from({ length: 20 }, (_, i) => i % 9));
    const { output, loss } = adaptive.forward(input, target);
    assert.ok(
      output.allclose(logProbs.gather(1, target.unsqueeze(1)).squeeze(1), { rtol: 1e-5, atol: 1e-6 }),
    );
    assert.ok(loss.allclose(output.mean().neg()));
  });

  test("predicts the most probable class, also where all or none are frequent", () => {
    const wanted = (rows: Tensor) => adaptive.logProb(rows).argmax(1).tolist();
    assert.deepEqual(adaptive.predict(input).tolist(), wanted(input));
    const classes = adaptive.predict(input);
    for (const rows of [classes.lt(3), classes.ge(3)]) {
      const some = input.index(rows);
      assert.deepEqual(adaptive.predict(some).tolist(), wanted(some));
    }
    assert.deepEqual(adaptive.predict(zeros([0, 12])).tolist(), []);
  });
});
