import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { PythonRandom } from "../../lib/data/index.ts";
import golden from "../goldens/data.json" with { type: "json" };

const digest = (values: readonly number[]) => createHash("sha256").update(values.join(",")).digest("hex");

function shuffled(random: PythonRandom, length: number): number[] {
  const values = [...Array(length).keys()];
  random.shuffle(values);
  return values;
}

for (const expected of golden.pythonRandom) {
  test(`the seed ${expected.seed.slice(0, 20)} draws what CPython draws`, () => {
    const random = new PythonRandom(BigInt(expected.seed));
    for (const [bits, value] of expected.bits) assert.equal(random.getrandbits(bits as number), value);
    for (const value of expected.random) assert.equal(random.random(), value);
    for (const [limit, value] of expected.below) assert.equal(random.randbelow(limit as number), value);
    for (const values of expected.shuffled) assert.deepEqual(shuffled(random, values.length), values);
    assert.equal(digest(shuffled(random, 1000)), expected.digest);
    const state = random.getState();
    assert.deepEqual([digest(state), state.at(-1)], expected.state);
  });
}

test("a seed may be a number or a bigint, and starts anew", () => {
  const random = new PythonRandom(42);
  const first = shuffled(random, 10);
  random.seed(42n);
  assert.deepEqual(shuffled(random, 10), first);
});

test("without a seed, two generators differ", () => {
  assert.notDeepEqual(new PythonRandom().getState(), new PythonRandom().getState());
});

test("a state continues where it was taken, through JSON too", () => {
  const random = new PythonRandom(7);
  random.random();
  const state = random.getState();
  const next = shuffled(random, 700);
  const other = new PythonRandom(8);
  other.setState(JSON.parse(JSON.stringify(state)));
  assert.deepEqual(shuffled(other, 700), next);
});

test("a bad seed, state or limit is an error that changes nothing", () => {
  const random = new PythonRandom(1);
  const before = random.getState();
  assert.throws(() => random.seed(1.5), /\[PythonRandom.seed\] expected an integer for seed, got 1.5/);
  assert.throws(
    () => random.setState([1, 2]),
    /expected 625 integers of 32 bits for state, got an array of 2/,
  );
  assert.throws(
    () => random.setState([...before.slice(0, -1), 625]),
    /at most 624 for the position, got 625/,
  );
  assert.throws(() => random.getrandbits(54), /at most 53 for bits, got 54/);
  assert.throws(() => random.randbelow(0), /at least 1 for limit, got 0/);
  assert.deepEqual(random.getState(), before);
});
