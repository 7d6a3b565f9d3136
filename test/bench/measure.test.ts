import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Child } from "../../bench/child.ts";
import { checkLearning } from "../../bench/measure.ts";
import { oneStep } from "../../bench/workloads.ts";

describe("checkLearning", () => {
  const check = (initialLoss: number, finalLoss: number) =>
    checkLearning("eager", oneStep, { seconds: 1, steps: 1, initialLoss, finalLoss });

  it("wants a loss that falls", () => {
    check(1, 0.5);
    assert.throws(() => check(1, 1), /expected eager to learn one-step, got a loss of 1 after 1/);
    assert.throws(() => check(1, Number.NaN), /a loss of NaN/);
  });
});

describe("Child", () => {
  it("says what a process printed that ends without an answer", async () => {
    const child = new Child([process.execPath, "-e", "throw new Error('no data')"], {});
    await assert.rejects(child.round(), /to answer: .*no data/s);
    await child.stop();
  });

  it("says which command does not exist", async () => {
    const child = new Child(["no-such-program"], {});
    await assert.rejects(child.round(), /no-such-program/);
    await child.stop();
  });
});
