import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { type ScheduleKind, scheduleRates } from "../../../lib/torch/optim/index.ts";

interface Case {
  kind: ScheduleKind;
  warmupSteps: number;
  minLr: number;
  gamma: number;
  stepSize: number;
  rates?: number[];
  dividesByZero?: true;
}

const { lr, totalSteps, cases }: { lr: number; totalSteps: number; cases: Case[] } = JSON.parse(
  readFileSync(new URL("../../goldens/schedules.json", import.meta.url), "utf8"),
);

for (const { rates, dividesByZero, ...settings } of cases) {
  const schedule = { ...settings, lr, totalSteps };
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

test("parity T9: the first step of a warm-up runs at rate 0, with every schedule", () => {
  for (const kind of ["constant", "linear", "exponential", "step"] as const) {
    const schedule = { kind, lr: 1, warmupSteps: 2, totalSteps: 10, gamma: 0.5, stepSize: 1, minLr: 0.1 };
    assert.deepEqual([...scheduleRates(schedule, 0, 3)], [0, 0.5, 1]);
  }
});

test("parity T10: no warm-up is none", () => {
  assert.deepEqual([...scheduleRates({ kind: "constant", lr: 0.3, warmupSteps: 0 }, 0, 2)], [0.3, 0.3]);
});

test("parity T14: from the end of the warm-up on no rate is below minLr, with every schedule", () => {
  for (const kind of ["constant", "linear", "exponential", "step"] as const) {
    const schedule = { kind, lr: 0.1, warmupSteps: 2, totalSteps: 6, gamma: 0.5, stepSize: 1, minLr: 0.2 };
    assert.deepEqual([...scheduleRates(schedule, 0, 6)], [0, 0.05, 0.2, 0.2, 0.2, 0.2]);
  }
});

test("a rate depends on the step alone: any window of a schedule is a part of the whole", () => {
  for (const { rates, dividesByZero, ...settings } of cases) {
    const schedule = { ...settings, lr, totalSteps };
    const whole = scheduleRates(schedule, 0, totalSteps);
    for (const first of [0, 3, 7, 8, 39]) {
      assert.deepEqual(scheduleRates(schedule, first, totalSteps - first), whole.subarray(first));
    }
    assert.equal(scheduleRates(schedule, 5, 0).length, 0);
  }
});

test("a linear schedule stays at 0 past its end", () => {
  assert.deepEqual([...scheduleRates({ kind: "linear", lr: 1, totalSteps: 2 }, 0, 5)], [1, 0.5, 0, 0, 0]);
});

test("a schedule without what its kind needs, and an unknown option, are errors", () => {
  const failing = (schedule: object, pattern: RegExp) =>
    // @ts-expect-error: not a schedule
    assert.throws(() => scheduleRates(schedule, 0, 1), { name: "TypeError", message: pattern });
  failing(
    { kind: "linear", lr: 1 },
    /^\[scheduleRates\] expected an integer at least 0 for totalSteps, got NaN/,
  );
  failing({ kind: "step", lr: 1, gamma: 0.5 }, /expected an integer at least 1 for stepSize/);
  failing({ kind: "exponential", lr: 1 }, /expected a number at least 0 for gamma/);
  failing({ kind: "cosine", lr: 1 }, /expected kind to be one of .*got "cosine"/);
  failing({ kind: "constant" }, /expected a number at least 0 for lr/);
  failing({ kind: "constant", lr: 1, warmUpSteps: 3 }, /Did you mean "warmupSteps"/);
});
