import assert from "node:assert/strict";
import { test } from "node:test";
import { Operation, type OperationInput } from "../../lib/model/index.ts";

test("parity 1: an operation is named after its module unless it has a name of its own", () => {
  const plain = new Operation({ moduleName: "linear", inputs: ["_input_"] });
  assert.equal(plain.name, "linear");
  assert.equal(String(plain), 'Operation(name=linear, module_name=linear, inputs=["_input_"])');
  assert.equal(new Operation({ moduleName: "linear", name: "first" }).name, "first");
});

test("parity 2: an input is a name, or a name and a key", () => {
  const inputs: OperationInput[] = ["a", ["_input_", "data"], ["b", 0]];
  assert.deepEqual(new Operation({ moduleName: "m", inputs }).inputs, inputs);
});

test("an input of another kind is refused", () => {
  for (const input of [3, null, ["a"], ["a", "b", "c"], [1, "b"], {}]) {
    assert.throws(
      () => new Operation({ moduleName: "m", inputs: [input as never] }),
      /\[Operation\] expected/,
    );
  }
});

test("an operation cannot take the name of the batch's fields", () => {
  assert.throws(() => new Operation({ moduleName: "m", name: "_input_" }), /stands for the batch's fields/);
});

test("an option that there is not, and the one name that no object can hold, are refused", () => {
  const make = (options: object) => () => new Operation(options as never);
  assert.throws(
    make({ moduleName: "m", input: [] }),
    /option to be one of .*got "input"\. Did you mean "inputs"/,
  );
  assert.throws(make({ moduleName: "m", name: "__proto__" }), /another name for name, got "__proto__"/);
  assert.throws(make(null as never), /a plain object for options, got null/);
});
