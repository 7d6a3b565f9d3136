import "./plain-kernels.ts";
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { describe, it } from "node:test";
import { tensor } from "../../lib/torch/creation.ts";
import { bernoulli, full, rand, randint, randn, randperm } from "../../lib/torch/generated/functions.ts";
import {
  Generator,
  getRngState,
  initialSeed,
  manualSeed,
  type Seed,
  setRngState,
} from "../../lib/torch/random.ts";
import type { Tensor } from "../../lib/torch/tensor.ts";
import golden from "../goldens/generators.json" with { type: "json" };

function draws(generator: Generator | null): object {
  return {
    rand: rand([5], { generator }).tolist(),
    randn: randn([5], { generator }).tolist(),
    randnMany: randn([17], { generator }).tolist(),
    randperm: randperm(10, { generator }).tolist(),
    randint: randint(0, 100, [5], { generator }).tolist(),
    bernoulli: bernoulli(full([8], 0.5), { generator }).tolist(),
    state: createHash("sha256")
      .update((generator?.getState() ?? getRngState()).toTypedArray() as Uint8Array)
      .digest("hex"),
  };
}

function changed(state: Tensor, change: (view: DataView) => void): Tensor {
  const bytes = state.toTypedArray() as Uint8Array;
  change(new DataView(bytes.buffer));
  return tensor(bytes);
}

describe("torch.manualSeed", () => {
  for (const { seed, ...expected } of golden.global) {
    it(`makes the global generator draw what Python's does, for ${seed}`, () => {
      manualSeed(BigInt(seed));
      assert.deepEqual(draws(null), expected);
    });
  }

  it("refuses what is no integer of 64 bits", () => {
    for (const bad of [1.5, Number.NaN, 2 ** 53, "1", null, undefined]) {
      assert.throws(() => manualSeed(bad as Seed), /\[torch\.manualSeed\] expected an integer for seed/);
    }
    for (const bad of [2n ** 64n, -(2n ** 63n) - 1n]) assert.throws(() => manualSeed(bad), /64 bits/);
  });

  it("can be asked for its seed", () => {
    manualSeed(7);
    assert.equal(initialSeed(), 7n);
  });
});

describe("torch.Generator", () => {
  for (const { seed, ...expected } of golden.own) {
    it(`draws what Python's does, for ${seed}, and leaves the global one alone`, () => {
      const before = getRngState().tolist();
      assert.deepEqual(draws(new Generator().manualSeed(Number(seed))), expected);
      assert.deepEqual(getRngState().tolist(), before);
    });
  }

  it("starts from PyTorch's default seed, and names seeds as Python does", () => {
    assert.equal(String(new Generator().initialSeed()), golden.defaultSeed);
    for (const { seed, initialSeed } of golden.initialSeeds) {
      assert.equal(String(new Generator().manualSeed(BigInt(seed)).initialSeed()), initialSeed);
    }
  });

  it("takes its own seed back", () => {
    const generator = new Generator().manualSeed(-1);
    assert.deepEqual(draws(new Generator().manualSeed(generator.initialSeed())), draws(generator));
  });

  it("checks its device and its receiver", () => {
    assert.throws(() => new Generator({ device: "gpu" }), /expected a device/);
    assert.throws(() => new Generator({ device: "meta" }), Error);
    assert.throws(() => new Generator({ devise: "cpu" } as object), /mean "device"/);
    const { manualSeed: seed, getState } = Generator.prototype;
    for (const impostor of [{}, tensor(1), Object.create(Generator.prototype)]) {
      assert.throws(() => seed.call(impostor, 1), Error);
      if (impostor !== null)
        assert.throws(() => getState.call(impostor), /expected a Generator for generator/);
    }
  });
});

describe("Generator states", () => {
  it("bring back the draws that followed them", () => {
    const state = getRngState();
    const first = draws(null);
    setRngState(state);
    assert.deepEqual(draws(null), first);
    const generator = new Generator().setState(state);
    assert.deepEqual(draws(generator), first);
  });

  it("are taken in the middle of a block too", () => {
    const generator = new Generator().manualSeed(5);
    for (let drawn = 0; drawn < 1300; drawn += 13) {
      const state = generator.getState();
      const next = rand([13], { generator }).tolist();
      assert.deepEqual(rand([13], { generator: new Generator().setState(state) }).tolist(), next);
    }
  });

  it("that are none are refused", () => {
    const generator = new Generator();
    const state = generator.getState();
    const bad: [string, () => Tensor][] = [
      ["another dtype", () => state.to("int32")],
      ["another size", () => state.index(Array.from({ length: 100 }, (_, i) => i))],
      ["nothing", () => tensor([], { dtype: "uint8" })],
      ["another device", () => state.to("meta")],
      ["a position past the block", () => changed(state, (view) => view.setBigUint64(16, 625n, true))],
      [
        "a block that would be read past its end",
        () =>
          changed(state, (view) => {
            view.setInt32(8, 600, true);
            view.setBigUint64(16, 600n, true);
          }),
      ],
      ["nothing left, or less", () => changed(state, (view) => view.setInt32(8, -5, true))],
    ];
    for (const [name, make] of bad) assert.throws(() => generator.setState(make()), Error, name);
    assert.deepEqual(generator.getState().tolist(), state.tolist());
  });
});
