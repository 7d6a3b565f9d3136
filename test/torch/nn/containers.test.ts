import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { nn, ones } from "../../../lib/torch/index.ts";

describe("containers", () => {
  test("Sequential runs in order and takes names", () => {
    const model = new nn.Sequential({ flat: new nn.Flatten(), head: new nn.Linear(4, 1) });
    assert.deepEqual(Object.keys(model.stateDict()), ["head.weight", "head.bias"]);
    assert.deepEqual(model.forward(ones([3, 2, 2])).shape, [3, 1]);
    assert.equal(model.at(-1)?.constructor, nn.Linear);
    assert.throws(
      () => new nn.Sequential(nn.ReLU as unknown as nn.Module),
      /\[nn.Sequential\] expected a Module/,
    );
  });

  test("ModuleDict keeps the order in which names came, whatever they are", () => {
    const dict = new nn.ModuleDict({ forward: new nn.PReLU() });
    dict.set("10", new nn.PReLU()).set("9", new nn.PReLU());
    assert.deepEqual(Object.keys(dict.stateDict()), ["forward.weight", "10.weight", "9.weight"]);
    assert.deepEqual([...dict.keys()], ["forward", "10", "9"]);
    assert.throws(() => dict.set("a.b", new nn.ReLU()), /a name without dots/);
    assert.throws(() => dict.forward(), /\[nn.ModuleDict\]/);
  });

  test("ModuleList grows and is iterated", () => {
    const list = new nn.ModuleList([new nn.ReLU()]);
    assert.equal(list.push(new nn.Tanh()), 2);
    assert.deepEqual([...list].map(String), ["ReLU()", "Tanh()"]);
  });
});
