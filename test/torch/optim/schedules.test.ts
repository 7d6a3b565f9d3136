import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { type RateSchedule, scheduleRates } from "../../../lib/torch/optim/index.ts";
import { compareSchedules, type SchedulesGolden } from "../../../scripts/parity/torch/schedules.ts";
import { otherBits } from "./goldens.ts";

type SnorkelKind = "constant" | "linear" | "exponential" | "step";

interface SnorkelCase {
  kind: SnorkelKind;
  warmupSteps: number;
  minLr: number;
  gamma: number;
  stepSize: number;
  rates?: number[];
  dividesByZero?: true;
}

const golden: SchedulesGolden & { snorkel: { lr: number; totalSteps: number; cases: SnorkelCase[] } } =
  JSON.parse(readFileSync(new URL("../../goldens/schedules.json", import.meta.url), "utf8"));
const { lr, totalSteps, cases } = golden.snorkel;

function snorkelSchedule({ kind, warmupSteps, minLr, gamma, stepSize }: SnorkelCase): RateSchedule {
  const common = { lr, warmupSteps, minLr };
  switch (kind) {
    case "constant":
      return { kind, ...common };
    case "linear":
      return { kind, ...common, totalSteps: totalSteps - warmupSteps };
    case "exponential":
      return { kind, ...common, gamma };
    case "step":
      return { kind, ...common, gamma, stepSize };
  }
}

/** One of each kind, each different from the others. */
const schedules: RateSchedule[] = [
  { kind: "constant", lr: 0.1, factor: 0.5, totalIters: 3 },
  { kind: "linear", lr: 0.1, totalSteps: 20 },
  { kind: "exponential", lr: 0.1, gamma: 0.9 },
  { kind: "step", lr: 0.1, gamma: 0.7, stepSize: 4 },
  { kind: "multiStep", lr: 0.1, milestones: [9, 2, 9] },
  { kind: "polynomial", lr: 0.1, totalIters: 20, power: 2 },
  { kind: "cosine", lr: 0.1, tMax: 7 },
  { kind: "cosineWarmRestarts", lr: 0.1, t0: 3, tMult: 2 },
  { kind: "oneCycle", lr: 0.1, totalSteps: 20 },
  { kind: "cyclic", lr: 0.1, stepSizeUp: 3 },
  { kind: "swa", lr: 0.1, swaLr: 0.3, startStep: 4, annealSteps: 6 },
  { kind: "lambda", lr: 0.1, lrLambda: (step) => 1 / (step + 1) },
  { kind: "multiplicative", lr: 0.1, lrLambda: (step) => step / (step + 1) },
];

describe("rates equal PyTorch's to the bit", { skip: otherBits }, () => {
  for (const { name, difference, bound } of compareSchedules(golden)) {
    test(name, () => assert.ok(difference <= bound, `they differ by ${difference}`));
  }
});

describe("the warm-up and the floor of Snorkel", () => {
  for (const snorkelCase of cases) {
    const { rates, dividesByZero, ...settings } = snorkelCase;
    const schedule = snorkelSchedule(snorkelCase);
    const title = JSON.stringify(settings);
    if (dividesByZero) {
      test(`parity T10: a warm-up as long as the training needs no division by zero: ${title}`, () => {
        const used = [...scheduleRates(schedule, 0, totalSteps)];
        assert.deepEqual(
          used,
          Array.from({ length: totalSteps }, (_, step) => lr * (step / settings.warmupSteps)),
        );
        assert.deepEqual([...scheduleRates(schedule, totalSteps, 2)], [lr, settings.minLr]);
      });
      continue;
    }
    test(`parity 36, 37, 38: the rates equal Snorkel's to the bit: ${title}`, () => {
      // Parity T9: Snorkel runs the first batch of a warm-up at the full rate if the schedule is linear.
      const [first, ...others] = rates ?? [];
      const used = [...scheduleRates(schedule, 0, totalSteps)];
      assert.equal(used[0], settings.warmupSteps > 0 ? 0 : first);
      assert.deepEqual(used.slice(1), others);
    });
  }

  test("parity T9: a warm-up rises from 0 to the first rate, with every schedule", () => {
    for (const schedule of schedules) {
      const [first = Number.NaN] = scheduleRates(schedule, 0, 1);
      const warmedUp = [...scheduleRates({ ...schedule, warmupSteps: 4 }, 0, 5)];
      assert.deepEqual(warmedUp, [0, first / 4, first / 2, first * 0.75, first], schedule.kind);
    }
  });

  test("a schedule begins where the warm-up ends", () => {
    for (const schedule of schedules) {
      const plain = scheduleRates(schedule, 0, 30);
      assert.deepEqual(scheduleRates({ ...schedule, warmupSteps: 4 }, 4, 30), plain, schedule.kind);
    }
  });

  test("parity T10: no warm-up is none", () => {
    assert.deepEqual([...scheduleRates({ kind: "constant", lr: 0.3, warmupSteps: 0 }, 0, 2)], [0.3, 0.3]);
  });

  test("parity T14: from the end of the warm-up on no rate is below minLr, with every schedule", () => {
    for (const schedule of schedules) {
      const rates = scheduleRates({ ...schedule, warmupSteps: 2, minLr: 0.06 }, 0, 40);
      assert.ok(
        rates.subarray(2).every((rate) => rate >= 0.06),
        schedule.kind,
      );
      assert.ok(
        scheduleRates(schedule, 0, 40).some((rate) => rate < 0.06) || schedule.kind === "swa",
        `${schedule.kind} has nothing to lift`,
      );
    }
  });
});

test("a rate depends on the step alone: any window of a schedule is a part of the whole", () => {
  for (const schedule of schedules) {
    for (const warmupSteps of [0, 7]) {
      const warmed = { ...schedule, warmupSteps };
      const whole = scheduleRates(warmed, 0, 40);
      for (const first of [0, 3, 7, 8, 39])
        assert.deepEqual(scheduleRates(warmed, first, 40 - first), whole.subarray(first), schedule.kind);
      assert.equal(scheduleRates(warmed, 5, 0).length, 0);
    }
  }
});

test("past their end the linear and polynomial schedules stay at 0, one cycle at its last rate", () => {
  assert.deepEqual([...scheduleRates({ kind: "linear", lr: 1, totalSteps: 2 }, 0, 5)], [1, 0.5, 0, 0, 0]);
  assert.deepEqual([...scheduleRates({ kind: "polynomial", lr: 1, totalIters: 2 }, 0, 4)], [1, 0.5, 0, 0]);
  const [last, ...after] = scheduleRates({ kind: "oneCycle", lr: 1, totalSteps: 9 }, 8, 4);
  assert.deepEqual(after, [last, last, last]);
  assert.ok(Math.abs((last ?? 0) - 1 / 25 / 1e4) < 1e-12);
});

test("one cycle without a rise, or with one of a single step, divides nothing by zero", () => {
  for (const pctStart of [0, 0.1, 1]) {
    const rates = scheduleRates({ kind: "oneCycle", lr: 1, totalSteps: 10, pctStart }, 0, 10);
    assert.ok(
      rates.every((rate) => Number.isFinite(rate) && rate > 0 && rate <= 1),
      `${pctStart}`,
    );
  }
  assert.equal(scheduleRates({ kind: "oneCycle", lr: 1, totalSteps: 10, pctStart: 0.1 }, 0, 1)[0], 1);
  assert.equal(scheduleRates({ kind: "oneCycle", lr: 1, totalSteps: 1 }, 0, 1).length, 1);
});

test("what is null follows lr", () => {
  const rates = scheduleRates({ kind: "cyclic", lr: 1, stepSizeUp: 2, stepSizeDown: null }, 0, 5);
  assert.deepEqual([...rates], [0.1, 0.55, 1, 0.55, 0.1]);
  const swa = scheduleRates({ kind: "swa", lr: 1, annealSteps: 0 }, 0, 2);
  assert.deepEqual([...swa], [0.5, 0.5]);
});

test("a lambda is called for the steps that are asked for; a multiplicative one never for step 0", () => {
  const seen: number[] = [];
  const lrLambda = (step: number) => {
    seen.push(step);
    return 0.5;
  };
  assert.deepEqual([...scheduleRates({ kind: "lambda", lr: 1, lrLambda }, 3, 2)], [0.5, 0.5]);
  assert.deepEqual(seen.splice(0), [3, 4]);
  assert.deepEqual([...scheduleRates({ kind: "multiplicative", lr: 1, lrLambda }, 1, 2)], [0.5, 0.25]);
  assert.deepEqual(seen, [1, 2]);
});

test("a schedule without what its kind needs, and an unknown option, are errors", () => {
  const failing = (schedule: unknown, pattern: RegExp) =>
    assert.throws(() => scheduleRates(schedule as RateSchedule, 0, 1), {
      name: "TypeError",
      message: pattern,
    });
  failing(
    { kind: "linear", lr: 1 },
    /^\[scheduleRates\] expected an integer at least 0 for totalSteps, got NaN/,
  );
  failing({ kind: "step", lr: 1, gamma: 0.5 }, /expected an integer at least 1 for stepSize/);
  failing({ kind: "exponential", lr: 1 }, /expected a number at least 0 for gamma/);
  failing({ kind: "multiStep", lr: 1 }, /milestones\[0\]/);
  failing({ kind: "multiStep", lr: 1, milestones: 3 }, /an array of steps for milestones/);
  failing({ kind: "cosine", lr: 1 }, /an integer at least 1 for tMax/);
  failing({ kind: "cosine", lr: 1, tMax: 2 ** 40 }, /32 bits .* for tMax/);
  failing({ kind: "cosineWarmRestarts", lr: 1, t0: 3, tMult: 1.5 }, /an integer at least 1 for tMult/);
  failing({ kind: "oneCycle", lr: 1, totalSteps: 3, pctStart: 2 }, /at most 1 for pctStart/);
  failing({ kind: "oneCycle", lr: 1, totalSteps: 3, maxLr: "high" }, /maxLr, got "high"/);
  failing({ kind: "cyclic", lr: 1, mode: "exp_range" }, /Did you mean "expRange"/);
  failing({ kind: "swa", lr: 1, annealStrategy: "cosine" }, /Did you mean "cos"/);
  failing({ kind: "lambda", lr: 1 }, /a number at least 0 for lrLambda\(0\), got NaN/);
  failing({ kind: "lambda", lr: 1, lrLambda: () => -1 }, /for lrLambda\(0\), got -1/);
  failing({ kind: "multiplicative", lr: 1, lrLambda: 0.9 }, /a function from step to factor for lrLambda/);
  failing({ kind: "cosin", lr: 1 }, /expected kind to be one of .*got "cosin".*"cosine"/);
  failing({ kind: "constant" }, /expected a number at least 0 for lr/);
  failing({ kind: "constant", lr: 1, warmUpSteps: 3 }, /Did you mean "warmupSteps"/);
  failing({ kind: "constant", lr: 1, gamma: 3 }, /expected option to be one of/);
  failing(null, /expected a plain object for schedule, got null/);
});
