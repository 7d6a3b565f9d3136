import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type CounterUnit, LogManager } from "../../lib/logging/log-manager.ts";
import golden from "../goldens/log_manager.json" with { type: "json" };

function managerOf(run: (typeof golden)[number]): LogManager {
  const { nBatchesPerEpoch, evaluationFreq, checkpointFactor } = run;
  const counterUnit = run.counterUnit as CounterUnit;
  return new LogManager({ nBatchesPerEpoch, counterUnit, evaluationFreq, checkpointFactor });
}

describe("LogManager", () => {
  it("parity 43: counts epochs and evaluates every 1.0 by default; an unknown unit is an error", () => {
    const manager = new LogManager({ nBatchesPerEpoch: 2 });
    assert.equal(manager.counterUnit, "epochs");
    assert.equal(manager.evaluationFreq, 1);
    const counterUnit = "epoch" as CounterUnit;
    assert.throws(() => new LogManager({ nBatchesPerEpoch: 2, counterUnit }), {
      name: "TypeError",
      message: /\[LogManager\] expected counterUnit to be one of .*"epoch"\. Did you mean "epochs"\?/,
    });
  });

  it("looks ahead as far as sizes are known, where points count", () => {
    const ahead = (counterUnit: CounterUnit, evaluationFreq: number) =>
      new LogManager({ nBatchesPerEpoch: 6, counterUnit, evaluationFreq }).batchesUntilEvaluation([
        2,
        2,
        null,
        2,
        null,
      ]);
    assert.equal(ahead("points", 100), 3);
    assert.equal(ahead("points", 4), 2);
    assert.equal(ahead("batches", 4), 4);
    assert.equal(ahead("epochs", 1), 5);
  });

  for (const run of golden) {
    const name = `every ${run.evaluationFreq} ${run.counterUnit}, checkpoint factor ${run.checkpointFactor}`;
    it(`parity 44: triggers and totals are Snorkel's, ${name}`, () => {
      const manager = managerOf(run);
      run.batchSizes.forEach((batchSize, batch) => {
        manager.update(batchSize);
        const { unitCount, pointTotal, batchTotal, epochTotal, unitTotal } = manager;
        const evaluates = manager.triggerEvaluation();
        const checkpoints = manager.triggerCheckpointing();
        const row = { unitCount, pointTotal, batchTotal, epochTotal, unitTotal, evaluates, checkpoints };
        assert.deepEqual(row, run.rows[batch], `batch ${batch}`);
      });
    });

    it(`looks ahead to the next evaluation and changes nothing, ${name}`, () => {
      const manager = managerOf(run);
      run.batchSizes.forEach((batchSize, batch) => {
        const trigger = run.rows.slice(batch).findIndex((row) => row.evaluates);
        const left = run.batchSizes.length - batch;
        const before = manager.state();
        const ahead = manager.batchesUntilEvaluation(run.batchSizes.slice(batch));
        assert.equal(ahead, trigger === -1 ? left : trigger + 1, `batch ${batch}`);
        assert.deepEqual(manager.state(), before);
        manager.update(batchSize);
        manager.triggerEvaluation();
      });
    });

    it(`continues from its state, through JSON, at every batch, ${name}`, () => {
      const whole = managerOf(run);
      for (const batchSize of run.batchSizes) {
        const resumed = managerOf(run);
        resumed.restore(JSON.parse(JSON.stringify(whole.state())));
        for (const manager of [whole, resumed]) manager.update(batchSize);
        assert.equal(resumed.triggerEvaluation(), whole.triggerEvaluation());
        assert.equal(resumed.triggerCheckpointing(), whole.triggerCheckpointing());
        assert.deepEqual(resumed.state(), whole.state());
        assert.equal(resumed.unitTotal, whole.unitTotal);
      }
    });
  }

  it("reads no sizes past the batch that brings the evaluation", () => {
    const manager = new LogManager({ nBatchesPerEpoch: 4, counterUnit: "points", evaluationFreq: 10 });
    const read: number[] = [];
    function* endless() {
      for (;;) {
        read.push(4);
        yield 4;
      }
    }
    assert.equal(manager.batchesUntilEvaluation(endless()), 3);
    assert.equal(read.length, 3);
    assert.equal(manager.batchesUntilEvaluation([]), 0);
  });

  it("never checkpoints without a checkpoint factor", () => {
    const manager = new LogManager({ nBatchesPerEpoch: 1 });
    manager.update(1);
    assert.equal(manager.triggerEvaluation(), true);
    assert.equal(manager.triggerCheckpointing(), false);
  });

  it("refuses a frequency, a number of batches, a factor or a batch size out of range", () => {
    const options = { nBatchesPerEpoch: 2 };
    assert.throws(
      () => new LogManager({ ...options, evaluationFreq: 0 }),
      /a number above 0 for evaluationFreq/,
    );
    assert.throws(() => new LogManager({ nBatchesPerEpoch: 0 }), /at least 1 for nBatchesPerEpoch/);
    assert.throws(
      () => new LogManager({ ...options, checkpointFactor: 0 }),
      /at least 1 for checkpointFactor/,
    );
    const manager = new LogManager(options);
    assert.throws(() => manager.update(1.5), /an integer at least 0 for batchSize/);
    assert.throws(
      () => manager.restore({ ...manager.state(), batchCount: Number.NaN }),
      /batchCount, got NaN/,
    );
    assert.deepEqual(manager.state(), new LogManager(options).state());
  });
});
