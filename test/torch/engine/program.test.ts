import assert from "node:assert/strict";
import { test } from "node:test";
import { Worker } from "node:worker_threads";
import { Arena, type Program } from "../../../lib/torch/engine/index.ts";
import {
  nn,
  ones,
  randint,
  randn,
  setNumThreads,
  type Tensor,
  tensor,
  zeros,
} from "../../../lib/torch/index.ts";
import { native } from "../../../lib/torch/native.ts";
import { differenceOfReplay, programOf, type Subject, subject, subjectOf } from "./replay.ts";

setNumThreads(1);

const w = new nn.Parameter(ones([3]));
const held = ones([3]);
const small = subject(
  [w],
  () => [randn([2, 3])],
  (x) => [x.mul(w).mul(held).sum()],
);

function built(made: Subject, arena?: Arena): Program {
  const program = programOf(made, made.draw, arena);
  if (typeof program === "string") throw new Error(program);
  return program;
}

test("a tensor that is held outside is read anew in each run", () => {
  using program = built(small);
  const x = ones([2, 3]);
  assert.equal(program.run([x]).outputs[0]?.item(), 6);
  held.fill_(2);
  assert.equal(program.run([x]).outputs[0]?.item(), 12);
  held.fill_(1);
});

test("a parameter with other memory is an error, and one that is back is none", () => {
  using program = built(small);
  const before = w.detach();
  native.tensorSetData(w, zeros([3]));
  assert.throws(
    () => program.run([ones([2, 3])]),
    /expected the parameters and buffers of the recorded step/,
  );
  native.tensorSetData(w, before);
  assert.equal(program.run([ones([2, 3])]).outputs[0]?.item(), 6);
});

test("a tensor from outside that lies otherwise in its memory is an error, and one that is back is none", () => {
  using program = built(small);
  const ways: [number[], number[], number][] = [
    [[1], [1], 2],
    [[3], [0], 0],
    [[2], [1], 1],
  ];
  for (const way of ways) {
    held.asStrided_(...way);
    assert.throws(
      () => program.run([ones([2, 3])]),
      /expected the parameters and buffers of the recorded step/,
    );
  }
  held.asStrided_([3], [1], 0);
  assert.equal(program.run([ones([2, 3])]).outputs[0]?.item(), 6);
});

test("inputs of other number, shape or dtype are errors", () => {
  using program = built(small);
  assert.throws(() => program.run([]), /expected 1 tensors for inputs, got 0/);
  assert.throws(() => program.run([ones([3, 2])]), /inputs\[0\]/);
  assert.throws(() => program.run([ones([2, 3]).to("float64")]), /inputs\[0\]/);
});

test("arguments on which LibTorch would crash are checked in each run", () => {
  const bag = new nn.EmbeddingBag(5, 2, { mode: "sum" });
  const offsets = (second: bigint) => [randint(0, 5, [4]), tensor([0n, second])];
  const summed = subjectOf(
    bag,
    () => offsets(2n),
    ([ids, at]) => [bag.forward(ids as Tensor, at as Tensor)],
  );
  using program = built(summed);
  for (const bad of [7n, -1n]) assert.throws(() => program.run(offsets(bad)), /offsets/);
  assert.throws(() => program.run([tensor([9n, 0n, 0n, 0n]), tensor([0n, 1n])]));
  program.run(offsets(3n));
});

test("programs share an arena, whichever is larger", () => {
  const arena = new Arena("cpu");
  const layers = [3, 50, 7].map(
    (width) => new nn.Sequential(new nn.Linear(3, width), new nn.Tanh(), new nn.Linear(width, 2)),
  );
  const programs = layers.map((layer) =>
    built(
      subjectOf(
        layer,
        () => [randn([4, 3])],
        ([x]) => [layer.forward(x as Tensor)],
      ),
      arena,
    ),
  );
  for (let round = 0; round < 3; round++) {
    for (const [i, program] of programs.entries()) {
      const x = randn([4, 3]);
      const wanted = layers[i]?.forward(x) as Tensor;
      assert.deepEqual(program.run([x]).outputs[0]?.tolist(), wanted.tolist());
    }
  }
});

test("a program says whether it draws, and what it does", () => {
  using program = built(small);
  assert.equal(program.isRandom, false);
  assert.match(
    `${program}`,
    /^input %0: float32 \[2, 3\]\n(.*\n)*\s+%\d+: float32 \[2, 3\] = aten::mul.out\(/,
  );
  using drawing = built(
    subject(
      [w],
      () => [randn([2, 3])],
      (x) => [nn.functional.dropout(x).mul(w).sum()],
    ),
  );
  assert.equal(drawing.isRandom, true);
});

test("a program that was disposed is an error to use", () => {
  const program = built(small);
  program.dispose();
  program[Symbol.dispose]();
  assert.throws(() => program.run([]), /disposed/);
});

test("workers record and run beside this thread", async () => {
  const child = JSON.stringify(new URL("./replay-child.ts", import.meta.url).href);
  const code = `import("tsx/esm/api").then(({ register }) => { register(); return import(${child}); })`;
  const workers = [0, 1].map(() => new Worker(code, { eval: true, stdout: true }));
  const done = workers.map(async ({ stdout }) => (await stdout.toArray()).join("").trim());
  // All threads draw from one generator, which is what is compared last.
  const beside = /^(nothing|batch \d: state \d)$/;
  for (let i = 0; i < 50; i++) assert.match(differenceOfReplay(small), beside);
  for (const difference of await Promise.all(done)) assert.match(difference, beside);
});
