import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { describe, test } from "node:test";
import { Arena, Program, recordStep } from "../../../lib/torch/engine/index.ts";
import {
  arange,
  manualSeed,
  nn,
  noGrad,
  ones,
  optim,
  rand,
  randint,
  randn,
  setNumThreads,
  type Tensor,
  tensor,
  zeros,
} from "../../../lib/torch/index.ts";
import { native } from "../../../lib/torch/native.ts";
import { differenceOfReplay, type Subject } from "./replay.ts";

setNumThreads(1);

const weight = new nn.Parameter(ones([3]));
const buffer = zeros([3]);

/** A step of one batch of shape [4, 3], with a parameter and a buffer. */
function stepOf(run: (x: Tensor) => Tensor, draw = (): unknown[] => [randn([4, 3])]): Subject {
  const step = ([x]: unknown[]) => {
    const loss = run(x as Tensor)
      .mul(weight)
      .sum();
    loss.backward();
    return [loss];
  };
  return { persistent: [weight, buffer], parameters: [weight], draw, step };
}

function refuses(name: string, reason: RegExp, subject: Subject): void {
  test(name, () => {
    manualSeed(0);
    const difference = differenceOfReplay(subject);
    assert.match(difference, /^refused: /);
    assert.match(difference, reason);
  });
}

describe("no program is made of a step that", () => {
  const values = /the values of a tensor are read/;
  const apart = zeros([3], { device: "meta" });
  refuses(
    "gives a tensor another shape in place that no program can hold",
    /a tensor/,
    stepOf((x) => {
      apart.unsqueeze_(0);
      return x;
    }),
  );
  refuses(
    "asks for a number",
    values,
    stepOf((x) => x.mul(x.sum().item() as number)),
  );
  refuses(
    "asks for numbers as an array",
    values,
    stepOf((x) => x.mul(tensor(x.sum([0]).tolist() as number[]))),
  );
  refuses(
    "asks for a typed array",
    values,
    stepOf((x) => (x.sum().toTypedArray()[0] === 0 ? x : x.neg())),
  );
  refuses(
    "prints a tensor",
    values,
    stepOf((x) => x.mul(`${x}`.length)),
  );
  refuses(
    "branches on a comparison",
    /aten::equal reads a value/,
    stepOf((x) => (x.equal(x) ? x : x.neg())),
  );
  refuses("picks by a mask", /aten::index.Tensor has a result whose shape depends on values/, {
    ...stepOf((x) => x.index(x.gt(0)).sum().mul(x)),
  });
  refuses(
    "selects by a mask",
    /aten::masked_select .*shape/,
    stepOf((x) => x.maskedSelect(x.gt(0)).sum().mul(x)),
  );
  refuses(
    "looks for what is not zero",
    /aten::nonzero .*shape/,
    stepOf((x) => x.mul(x.nonzero().sum())),
  );
  refuses("splits at positions from a tensor", /aten::tensor_split.*reads values/, {
    ...stepOf((x) => {
      const parts = x.tensorSplit(tensor([1n, 2n]) as never) as Tensor[];
      return (parts[0] as Tensor).sum().mul(x);
    }),
  });
  refuses(
    "draws numbers in JavaScript",
    /has other (arguments|values)/,
    stepOf((x) => x.mul(Math.random())),
  );
  refuses("makes a tensor of other numbers each time", /a constant of the shape \[1\] has other values/, {
    ...stepOf((x) => x.mul(tensor([Math.random()]))),
  });
  let calls = 0;
  refuses(
    "counts its calls",
    /operator \d+ is|operators once/,
    stepOf((x) => (calls++ % 2 === 0 ? x.neg() : x.abs())),
  );
  let signed = 1;
  refuses("changes the sign of a zero", /has other arguments/, {
    ...stepOf((x) => {
      signed = -signed;
      return x.add(0 * signed);
    }),
  });
  refuses("hands a result on to the next step", /earlier step/, stepOf(handOn()));
  refuses("seeds the generator", /a generator is seeded/, {
    ...stepOf((x) => {
      manualSeed(1);
      return x.mul(rand([3]));
    }),
  });
  refuses("gives a tensor other data", /the data of a tensor is set/, {
    ...stepOf((x) => {
      native.tensorSetData(buffer, x.detach().sum([0]));
      return x;
    }),
  });
  refuses("changes a constant of its own", /changes a constant in place|is changed in place/, {
    ...stepOf((x) => x.mul(tensor([1, 2, 3]).add_(1))),
  });
  refuses("lets an operator fail", /fails/, {
    ...stepOf((x) => {
      assert.throws(() => x.matmul(x));
      return x;
    }),
  });
  refuses("updates parameters", /a part of an optimizer's step/, {
    ...stepOf((x) => {
      const own = new nn.Parameter(ones([3]));
      const optimizer = new optim.SGD([own], { lr: 0.1 });
      own.mul(x).sum().backward();
      optimizer.step();
      return x.mul(own.detach());
    }),
  });
  const table = new nn.Embedding(5, 3, { sparse: true });
  refuses("has sparse gradients", /a tensor is not dense/, {
    persistent: table.parameters(),
    parameters: table.parameters(),
    draw: () => [randint(0, 5, [4])],
    step: ([ids]) => {
      table
        .forward(ids as Tensor)
        .square()
        .sum()
        .backward();
      return [];
    },
  });
  const own = stepOf((x) => x);
  refuses("is given a field that overlaps itself", /no dense block/, {
    ...own,
    draw: () => [randn([1, 3]).expand([4, 3])],
  });
  refuses("is given one tensor twice", /share their memory/, {
    ...own,
    draw: () => {
      const x = randn([4, 3]);
      return [x, x];
    },
  });
  refuses("is given a parameter", /a parameter is a field/, { ...own, draw: () => [weight.detach()] });
  refuses("has other shapes each time", /other arguments|has the shape/, {
    ...own,
    draw: () => [randn([4 + (calls++ % 2), 3])],
  });
});

function handOn(): (x: Tensor) => Tensor {
  let state = zeros([3]);
  return (x) => {
    const before = state;
    state = noGrad(() => before.add(x.detach().sum([0]).mul(0))).keep();
    return x.add(before);
  };
}

test("a gradient that is there before the step refuses it", () => {
  weight.grad = zeros([3]);
  const { step, ...tensors } = stepOf((x) => x);
  const x = randn([4, 3]);
  using record = recordStep({ ...tensors, inputs: [x] }, () => step([x]));
  assert.equal(record.refusal, "a parameter has a gradient before the step");
  weight.grad = null;
});

test("records of two steps, and one that is refused, make no program", () => {
  const record = (run: (x: Tensor) => Tensor) => {
    weight.grad = null;
    const x = randn([4, 3]);
    const { step, ...tensors } = stepOf(run);
    return recordStep({ ...tensors, inputs: [x] }, () => step([x]));
  };
  using sine = record((x) => x.sin());
  using cosine = record((x) => x.cos());
  using reading = record((x) => x.mul(x.sum().item() as number));
  const arena = new Arena("cpu");
  assert.equal(sine.refusal, null);
  assert.throws(() => Program.build(sine, cosine, arena), /operator 0 is aten::sin once and aten::cos then/);
  assert.throws(() => Program.build(sine, reading, arena), /the values of a tensor are read/);
});

test("a step that throws, or is asynchronous, or records another, throws, and the next one is recorded", () => {
  const nothing = { inputs: [], persistent: [], parameters: [] };
  const failing = () => {
    throw new RangeError("no");
  };
  assert.throws(() => recordStep(nothing, failing), RangeError);
  assert.throws(() => recordStep(nothing, (async () => []) as never), /a synchronous function/);
  assert.throws(() => recordStep(nothing, () => [1] as never), /Tensor/);
  const nested = () => {
    recordStep(nothing, () => []);
    return [];
  };
  assert.throws(() => recordStep(nothing, nested), /recorded already/);
  assert.equal(differenceOfReplay(stepOf((x) => x.add(arange(3)))), "nothing");
});

test("the comparison of programs with their steps finds a broken recorder", () => {
  const child = new URL("./replay-child.ts", import.meta.url).pathname;
  const run = (...args: string[]) =>
    execFileSync(process.execPath, ["--import", "tsx", child, ...args], { encoding: "utf8" }).trim();
  assert.equal(run(), "nothing");
  assert.equal(run("broken"), "batch 0: gradients 0");
});
