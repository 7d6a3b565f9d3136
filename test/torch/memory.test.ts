import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setImmediate } from "node:timers/promises";
import { tensor } from "../../lib/torch/creation.ts";
import { memory } from "../../lib/torch/memory.ts";
import { native } from "../../lib/torch/native.ts";
import { scope } from "../../lib/torch/scope.ts";
import type { Tensor } from "../../lib/torch/tensor.ts";

const kilobyte = (): Tensor => tensor(new Float32Array(256));

/** Runs with what was added so far, all of which must be gone in the end. */
function counting(run: (added: () => { tensors: number; bytes: number }) => void): void {
  const start = memory();
  run(() => ({ tensors: memory().tensors - start.tensors, bytes: memory().bytes - start.bytes }));
  assert.deepEqual(memory(), start);
}

describe("torch.memory", () => {
  it("counts tensors and their bytes", () => {
    counting((added) => {
      const made = [kilobyte(), kilobyte()];
      assert.deepEqual(added(), { tensors: 2, bytes: 2048 });
      for (const one of made) one.dispose();
    });
  });

  it("counts a storage once, however many views share it, until the last is gone", () => {
    counting((added) => {
      const base = kilobyte();
      const views = [base.view([16, 16]), base.index(0), base.detach()];
      assert.deepEqual(added(), { tensors: 4, bytes: 1024 });
      base.dispose();
      assert.deepEqual(added(), { tensors: 3, bytes: 1024 });
      for (const view of views) view.dispose();
    });
  });

  it("follows a tensor that is given other data", () => {
    counting((added) => {
      const base = kilobyte();
      const other = tensor(new Float32Array(1024));
      native.tensorSetData(base, other);
      assert.deepEqual(added(), { tensors: 2, bytes: 4096 });
      other.dispose();
      assert.deepEqual(added(), { tensors: 1, bytes: 4096 });
      base.dispose();
    });
  });

  it("counts neither bytes of tensors without memory nor what only the graph holds", () => {
    counting((added) => {
      scope(() => {
        const meta = kilobyte().to("meta");
        assert.deepEqual(added(), { tensors: 2, bytes: 1024 });
        assert.equal(meta.device, "meta");
      });
      const leaf = kilobyte().requiresGrad_();
      const loss = scope(() => leaf.exp().sum());
      assert.deepEqual(added(), { tensors: 2, bytes: 1028 });
      loss.backward();
      leaf.dispose();
      loss.dispose();
    });
  });

  it("sees the collector free what became unreachable", async () => {
    const { gc } = globalThis;
    assert.ok(gc, "run by scripts/test.mjs, which passes --expose-gc");
    const start = memory();
    for (let i = 0; i < 1000; i++) kilobyte();
    for (let turn = 0; turn < 20 && memory().tensors > start.tensors; turn++) {
      gc();
      await setImmediate();
    }
    assert.deepEqual(memory(), start);
  });

  it("reports the bytes to V8, whose collector then frees what is unreachable without being asked", async () => {
    const start = memory().tensors;
    for (let i = 0; i < 100; i++) {
      tensor(1)
        .expand([1 << 20])
        .clone();
      await setImmediate();
    }
    assert.ok(memory().tensors - start < 100);
  });

  it("stays flat over many steps in a scope", () => {
    counting(() => {
      const weight = kilobyte();
      for (let step = 0; step < 10_000; step++) scope(() => void weight.add(1).mul(weight).sum());
      weight.dispose();
    });
  });
});
