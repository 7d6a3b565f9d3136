import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { DictDataLoader, DictDataset, RaggedField } from "../../lib/data/index.ts";
import { nn, setNumThreads, type Tensor, tensor } from "../../lib/torch/index.ts";
import { assertSameBothWays } from "./both-ways.ts";
import { loadersOf, makeModel } from "./step-models.ts";

before(() => setNumThreads(1));

describe("a step that cannot be recorded runs on the main thread, and one warning says why:", () => {
  const cases: Record<string, [make: () => nn.Module, reason: RegExp]> = {
    "it reads a value": [() => new Reading(), /the values of a tensor are read, in module "trunk"/],
    "it draws from Math.random": [() => new Drawing(), /has other arguments/],
    "its shapes depend on values": [() => new Selecting(), /aten::\w+ .*shape depends on values/],
  };
  class Reading extends nn.Module {
    linear = new nn.Linear(4, 6);
    override forward(x: Tensor): Tensor {
      return this.linear.forward(x).mul(x.sum().item() > 0 ? 1 : 2);
    }
  }
  class Drawing extends nn.Module {
    linear = new nn.Linear(4, 6);
    #state = 1;
    override forward(x: Tensor): Tensor {
      this.#state = (this.#state * 16807) % 2147483647;
      return this.linear.forward(x).mul(this.#state / 2147483647);
    }
  }
  class Selecting extends nn.Module {
    linear = new nn.Linear(4, 6);
    override forward(x: Tensor): Tensor {
      return this.linear.forward(x).add(x.maskedSelect(x.gt(0)).mean());
    }
  }
  for (const [name, [trunk, reason]] of Object.entries(cases)) {
    test(name, async () => {
      const { warnings } = await assertSameBothWays({
        model: () => makeModel({ trunk }),
        loaders: loadersOf(),
      });
      assert.equal(warnings.filter((text) => text.includes("Trainer.fit")).length, 1);
      assert.match(warnings.join(), reason);
    });
  }

  test("there are too many kinds of batches", async () => {
    const lengths = Array.from({ length: 160 }, (_, i) => new Float32Array(1 + (i >> 1)).fill(1));
    const xDict = { data: RaggedField.from(lengths) };
    const yDict = { first: tensor(lengths.map((_, i) => BigInt(i % 3))) };
    class Sum extends nn.Module {
      weight = new nn.Parameter(tensor([1, 2, 3, 4, 5, 6]));
      override forward(x: Tensor): Tensor {
        return x.mean(1, true).mul(this.weight);
      }
    }
    const dataset = new DictDataset({ name: "points", split: "train", xDict, yDict });
    const { warnings } = await assertSameBothWays({
      model: () => makeModel({ tasks: { first: {} }, trunk: () => new Sum() }),
      loaders: () => [new DictDataLoader(dataset, { batchSize: 2 })],
    });
    assert.match(warnings.join(), /more than 64 kinds of batches.*padToMultipleOf/);
  });
});
