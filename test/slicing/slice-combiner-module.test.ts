import "../torch/plain-kernels.ts";
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { SliceCombinerModule } from "../../lib/slicing/index.ts";
import { full, manualSeed, ones, rand, randn, type Tensor, tensor, zeros } from "../../lib/torch/index.ts";
import golden from "../goldens/slicing.json" with { type: "json" };

const rows = 4;
const features = 20;

interface Parts {
  ind: Tensor;
  pred: Tensor;
  feat: Tensor;
}

/** The outputs of the slices' operations, under Snorkel's names. */
function outputsOf(slices: Record<string, Parts>): Record<string, Tensor> {
  return Object.fromEntries(
    Object.entries(slices).flatMap(([slice, { ind, pred, feat }]) => [
      [`task_slice:${slice}_ind_head`, ind],
      [`task_slice:${slice}_pred_transform`, feat],
      [`task_slice:${slice}_pred_head`, pred],
    ]),
  );
}

const slice = (ind: number, pred: number, feat: number, classes = 2): Parts => ({
  ind: full([rows, 2], ind),
  pred: full([rows, classes], pred),
  feat: full([rows, features], feat),
});

/** A slice that a data point is in or not, predicted as class 0 or 1, both for sure. */
const sure = (inside: boolean, positive: boolean, feat: number): Parts => ({
  ind: tensor(inside ? [-50, 50] : [50, -50]).expand([rows, 2]),
  pred: tensor(positive ? [-50, 50] : [50, -50]).expand([rows, 2]),
  feat: full([rows, features], feat),
});

function assertAll(combined: Tensor, value: number): void {
  assert.deepEqual(combined.shape, [rows, features]);
  assert.ok(combined.allclose(full([rows, features], value)), `${combined}`);
}

/** The share of a slice whose score is `score` beside one of a score of 0. */
const share = (score: number) => Math.exp(score) / (Math.exp(score) + 1);

describe("SliceCombinerModule", () => {
  for (const { temperature, outputs, combined, gradients } of golden.combined) {
    test(`parity 69: Python's representation and gradients at temperature ${temperature}`, () => {
      const leaves = Object.entries(outputs).map(
        ([name, values]) => [name, tensor(values, { requiresGrad: true })] as const,
      );
      const actual = new SliceCombinerModule({ temperature }).forward(Object.fromEntries(leaves));
      assert.deepEqual(actual.tolist(), combined);
      actual.square().sum().backward();
      assert.deepEqual(
        Object.fromEntries(leaves.map(([name, { grad }]) => [name, grad?.tolist()])),
        gradients,
      );
    });
  }

  test("parity 69: gives a representation for each row", () => {
    const outputs = outputsOf({ base: { ind: rand([4, 2]), pred: rand([4, 2]), feat: rand([4, 20]) } });
    assert.deepEqual(new SliceCombinerModule().forward(outputs).shape, [4, 20]);
    const one = outputsOf({ base: { ind: rand([1, 2]), pred: rand([1, 2]), feat: rand([1, 1]) } });
    assert.deepEqual(new SliceCombinerModule().forward(one).shape, [1, 1]);
  });

  test("parity 69: slices that are equally likely and sure have equal weights", () => {
    assertAll(
      new SliceCombinerModule().forward(outputsOf({ a: slice(10, 10, 4), b: slice(-10, -10, 2) })),
      3,
    );
    assertAll(new SliceCombinerModule().forward(outputsOf({ a: slice(10, 0, 4), b: slice(-10, 0, 2) })), 3);
    assertAll(new SliceCombinerModule().forward(outputsOf({ a: slice(0, 5, 4), b: slice(0, 5, 2) })), 3);
    assertAll(new SliceCombinerModule().forward(outputsOf({ a: slice(0, -5, 4), b: slice(0, 5, 2) })), 3);
  });

  test("parity 69: the weights follow from both the indicators and the predictors", () => {
    const weigh = (a: Parts, b: Parts) => new SliceCombinerModule().forward(outputsOf({ a, b }));
    assertAll(weigh(sure(true, true, 1), sure(false, true, 0)), share(1));
    assertAll(weigh(sure(true, true, 1), sure(true, false, 0)), share(1));
    assertAll(weigh(sure(false, true, 1), sure(true, false, 0)), 0.5);
  });

  test("parity 69: a hundred slices", () => {
    const slices = Array.from({ length: 100 }, (_, i) => [
      String(i),
      i % 2 === 0 ? slice(20, 20, 4) : slice(-20, -20, 2),
    ]);
    assertAll(new SliceCombinerModule().forward(outputsOf(Object.fromEntries(slices))), 3);
  });

  test("parity 69: a high temperature levels the weights, a low one picks a slice", () => {
    // Noise of this size is at times the same for two slices, in float32.
    manualSeed(0);
    const noisy = (value: number, columns: number) => randn([rows, columns]).mul(1e-5).add(value);
    const outputs = outputsOf({
      a: { ind: noisy(10, 2), pred: noisy(10, 2), feat: noisy(4, features) },
      b: { ind: noisy(-10, 2), pred: noisy(-10, 2), feat: noisy(2, features) },
    });
    assertAll(new SliceCombinerModule({ temperature: 1e5 }).forward(outputs), 3);
    const picked = new SliceCombinerModule({ temperature: 1e-15 }).forward(outputs);
    const isOne = picked.sub(2).abs().lt(1e-3).add(picked.sub(4).abs().lt(1e-3));
    assert.equal(isOne.all().item(), true);
  });

  test("parity 69: the ends of the operations' names may be others", () => {
    const keys = { sliceIndKey: ":in", slicePredKey: ":out", slicePredFeatKey: ":with" };
    const outputs = {
      "a:in": full([rows, 2], 1),
      "a:out": full([rows, 2], 1),
      "a:with": full([rows, features], 4),
      a_ind_head: zeros([1]),
    };
    assertAll(new SliceCombinerModule(keys).forward(outputs), 4);
  });

  test("pairs the heads of one slice, whatever the order of the names", () => {
    // "short_ind_head" is before "short_link_ind_head", but "short_link_pred_head" before "short_pred_head".
    const slices = { short: sure(true, true, 1), short_link: sure(false, false, 0) };
    assertAll(new SliceCombinerModule().forward(outputsOf(slices)), share(1));
    const crossed = { short: sure(true, false, 1), short_link: sure(false, true, 0) };
    assertAll(new SliceCombinerModule().forward(outputsOf(crossed)), 0.5);
    const colons = {
      "a:b": sure(true, true, 1),
      "a:b_ind": sure(false, false, 0),
      a_pred: sure(false, true, 0),
    };
    const e = Math.E;
    assertAll(new SliceCombinerModule().forward(outputsOf(colons)), e / (e + 2));
  });

  test("takes the slices that it was made for, and no others", () => {
    const outputs = { ...outputsOf({ a: slice(1, 1, 4) }), other_ind_head: zeros([rows, 2]) };
    assertAll(new SliceCombinerModule({ slices: ["task_slice:a"] }).forward(outputs), 4);
    assert.throws(
      () => new SliceCombinerModule().forward(outputs),
      /expected a tensor \[rows, columns\] for the output of operation "other_pred_head", got undefined/,
    );
    assert.throws(
      () => new SliceCombinerModule({ slices: ["task_slice:b"] }).forward(outputs),
      /for the output of operation "task_slice:b_ind_head", got undefined/,
    );
  });

  test("with more than two classes, a predictor is as sure as its highest probability", () => {
    const logits = tensor([0, 3, 1]).expand([rows, 3]);
    const probs = [0, 3, 1].map(Math.exp);
    const highest = Math.exp(3) / probs.reduce((a, b) => a + b);
    const inside = tensor([-50, 50]).expand([rows, 2]);
    const outside = tensor([50, -50]).expand([rows, 2]);
    const outputs = outputsOf({
      a: { ind: inside, pred: logits, feat: ones([rows, features]) },
      b: { ind: outside, pred: logits, feat: zeros([rows, features]) },
    });
    assertAll(new SliceCombinerModule().forward(outputs), share(highest));
    assert.throws(
      () => new SliceCombinerModule({ confidence: "positive" }).forward(outputs),
      /expected logits of two classes, \[rows, 2\], for a head, got an array of 2/,
    );
  });

  test("with two classes it is as sure as its positive class, or, if asked, as the higher one", () => {
    const outputs = outputsOf({ a: sure(true, false, 1), b: sure(true, true, 0) });
    assertAll(new SliceCombinerModule().forward(outputs), 1 - share(1));
    assertAll(new SliceCombinerModule({ confidence: "highest" }).forward(outputs), 0.5);
  });

  test("heads of one class, without outputs, or of other shapes, are refused", () => {
    const combine = (slices: Record<string, Parts>) => () =>
      new SliceCombinerModule().forward(outputsOf(slices));
    assert.throws(
      combine({ a: slice(1, 1, 1, 1) }),
      /expected logits of at least two classes for a predictor head/,
    );
    assert.throws(
      combine({ a: { ...slice(1, 1, 1), ind: ones([rows, 3]) } }),
      /expected logits of two classes/,
    );
    assert.throws(
      combine({ a: { ...slice(1, 1, 1), feat: ones([rows]) } }),
      /"task_slice:a_pred_transform", got/,
    );
    assert.throws(combine({}), /expected the output of an operation that ends in "_ind_head" for outputs/);
  });

  test("copies, and prints", () => {
    const made = new SliceCombinerModule({ temperature: 2, slices: ["task_slice:a"] });
    const copy = made.deepCopy();
    assert.deepEqual([copy.temperature, copy.slices], [2, ["task_slice:a"]]);
    assertAll(copy.forward(outputsOf({ a: slice(1, 1, 4) })), 4);
    assert.equal(String(made), "SliceCombinerModule()");
  });

  test("what it is made of is checked", () => {
    const make = (options: object) => () => new SliceCombinerModule(options);
    for (const temperature of [0, -1, Number.NaN, "1"])
      assert.throws(make({ temperature }), /expected a number above 0 for temperature/);
    assert.throws(make({ confidence: "low" }), /"low". Did you mean/);
    assert.throws(make({ slices: [] }), /expected an array of at least one name for slices/);
    assert.throws(make({ slices: [5] }), /expected an array of at least one name for slices/);
    assert.throws(make({ sliceIndKey: "" }), /expected the end of an operation's name for sliceIndKey/);
  });
});
