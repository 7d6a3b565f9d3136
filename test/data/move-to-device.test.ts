import assert from "node:assert/strict";
import { test } from "node:test";
import { moveToDevice } from "../../lib/data/index.ts";
import { cuda, type Tensor, tensor } from "../../lib/torch/index.ts";

const collection = () => ({ a: tensor([1]), list: [tensor([2]), "text", { deep: tensor([3]) }], n: null });

test("parity 14: what is on the device already stays the very same object", () => {
  const given = collection();
  assert.equal(moveToDevice(given, "cpu"), given);
  assert.equal(moveToDevice(given.a, "cpu"), given.a);
  if (!cuda.isAvailable()) assert.equal(moveToDevice(given, "auto"), given);
});

test("parity 14: tensors inside arrays and objects move, the rest stays", {
  skip: !cuda.isAvailable(),
}, () => {
  const given = collection();
  const moved = moveToDevice(given, "cuda");
  assert.equal(moved.a.device, "cuda:0");
  assert.equal((moved.list[2] as { deep: Tensor }).deep.device, "cuda:0");
  assert.equal(moved.list[1], "text");
  assert.equal(given.a.device, "cpu");
});

test("a device that is not there is an error, where Snorkel falls back silently", () => {
  assert.throws(() => moveToDevice(collection(), "cuda:99"));
  assert.throws(() => moveToDevice(collection(), 0 as unknown as string), /expected a device/);
});
