// Steps that are drawn from a seed: a handful of operators on tensors of one shape, [4, 6], and what is near to it.
import {
  arange,
  cat,
  einsum,
  full,
  maximum,
  nn,
  noGrad,
  ones,
  onesLike,
  rand,
  randint,
  randn,
  stack,
  type Tensor,
  tensor,
  where,
  zeros,
  zerosLike,
} from "../../../lib/torch/index.ts";
import { type Draw, drawFrom, pick } from "../../draw.ts";
import type { Subject } from "./replay.ts";

const rows = 4;
const columns = 6;
const F = nn.functional;

/** What operators can use beside their operands. */
class Surroundings {
  readonly square = new nn.Parameter(randn([columns, columns]).mul(0.4));
  readonly row = new nn.Parameter(randn([columns]));
  readonly column = new nn.Parameter(randn([rows, 1]));
  readonly mean = zeros([columns]);
  readonly variance = ones([columns]);
  readonly average = zeros([columns]);
  readonly count = tensor([0n]);
  /** Held from outside, and neither parameter nor buffer. */
  readonly held = randn([rows, columns]);
  /** Of the batch: a position for each row, a label that may be missing, and a mask. */
  positions: Tensor = zeros([rows], { dtype: "int64" });
  labels: Tensor = zeros([rows], { dtype: "int64" });
  mask: Tensor = zeros([rows, columns], { dtype: "bool" });

  get parameters(): Tensor[] {
    return [this.square, this.row, this.column];
  }

  get buffers(): Tensor[] {
    return [this.mean, this.variance, this.average, this.count];
  }
}

type Operator = (h: Tensor, other: Tensor, s: Surroundings) => Tensor;

const pointwise: Record<string, Operator> = {
  abs: (h) => h.abs(),
  addcmul: (h, other, s) => h.addcmul(other, s.row, { value: 0.5 }),
  broadcastColumn: (h, _, s) => h.add(s.column),
  broadcastRow: (h, _, s) => h.mul(s.row),
  clamp: (h) => h.clamp(-0.7, 0.9),
  compare: (h, other) => h.gt(other).to("float32").add(h),
  cosine: (h) => h.cos(),
  divide: (h, other) => h.div(other.abs().add(1)),
  elu: (h) => F.elu(h, { alpha: 0.7 }),
  exponent: (h) => h.clamp(-3, 3).exp(),
  gelu: (h) => F.gelu(h),
  leakyRelu: (h) => F.leakyRelu(h),
  lerp: (h, other) => h.lerp(other, 0.3),
  logarithm: (h) => h.abs().add(1).log(),
  maskedFill: (h, _, s) => h.maskedFill(s.mask, 0.25),
  maximum: (h, other) => maximum(h, other),
  power: (h) => h.pow(2),
  reciprocal: (h) => h.abs().add(1).reciprocal(),
  relu: (h) => h.relu(),
  root: (h) => h.abs().add(0.1).sqrt(),
  sigmoid: (h) => h.sigmoid(),
  sign: (h) => h.sign().mul(0.5).add(h),
  silu: (h) => F.silu(h),
  softplus: (h) => F.softplus(h),
  subtract: (h, other) => h.sub(other),
  tanh: (h) => h.tanh(),
  where: (h, other, s) => where(s.mask, h, other),
};

const reducing: Record<string, Operator> = {
  crossEntropy: (h, _, s) => h.add(F.crossEntropy(h, s.labels, { ignoreIndex: -1, reduction: "sum" })),
  cumsum: (h) => h.cumsum(1).mul(0.5),
  layerNorm: (h, _, s) => F.layerNorm(h, [columns], { weight: s.row, bias: s.row }),
  logSoftmax: (h) => h.logSoftmax(-1),
  logSumExp: (h) => h.sub(h.logsumexp([1], true)),
  matmul: (h, _, s) => h.matmul(s.square),
  maxima: (h) => h.sub(h.amax([1], true)),
  mean: (h) => h.sub(h.mean([0], true)),
  norm: (h) => F.normalize(h),
  outer: (h, other) => einsum("ij,kj->ik", [h, other]).matmul(h).mul(0.1),
  softmax: (h) => h.softmax(0),
  sort: (h) => (h.sort(1) as unknown as Tensor[])[0] as Tensor,
  std: (h) => h.div(h.std(1, { keepdim: true }).add(1)),
  sum: (h) => h.mul(h.sum()).mul(0.1),
  sumRows: (h) => h.add(h.sum([0])),
};

const moving: Record<string, Operator> = {
  chunks: (h) => cat([...(h.chunk(2, 1) as Tensor[])].reverse(), 1),
  concatenate: (h, other) => cat([h.narrow(1, 0, 2), other.narrow(1, 2, 4)], 1),
  diagonal: (h) => h.add(h.diagonal().sum()),
  embedding: (h, _, s) => h.add(F.embedding(s.positions, s.square)),
  expand: (h) => h.select(0, 1).unsqueeze(0).expand([rows, columns]).add(h),
  flip: (h) => h.flip([0]),
  gather: (h, _, s) => h.gather(1, s.positions.unsqueeze(1).expand([rows, columns])),
  indexByPositions: (h, _, s) => h.t().index(s.positions).sum().add(h),
  indexSelect: (h, _, s) => h.t().indexSelect(0, s.positions).matmul(h).mul(0.1),
  permuted: (h) => h.t().reshape([rows, columns]),
  reshape: (h) => h.reshape([2, 2, columns]).transpose(0, 1).reshape([rows, columns]),
  roll: (h) => h.roll([1], [1]),
  scatter: (h, _, s) =>
    zeros([rows, columns])
      .scatterAdd(1, s.positions.unsqueeze(1), h.narrow(1, 0, 1))
      .add(h),
  stacked: (h, other) => stack([h, other], 0).mean([0]),
  triangle: (h) => h.triu(),
  unfolded: (h) => h.unfold(1, 3, 1).sum([2]).repeat([1, 2]).narrow(1, 1, columns),
};

const inPlace: Record<string, Operator> = {
  add_: (h, other) => h.clone().add_(other),
  buffers: (h, _, s) => {
    noGrad(() => s.count.add_(1));
    noGrad(() => s.average.mul_(0.9).add_(h.mean([0]), { alpha: 0.1 }));
    return h.sub(s.average);
  },
  copyInto: (h, other) => {
    const made = zeros([rows, columns]);
    made.narrow(0, 0, 2).copy_(h.narrow(0, 2, 2));
    made.narrow(0, 2, 2).copy_(other.narrow(0, 0, 2));
    return made;
  },
  ofConstant: (h) => {
    const made = full([columns], 0.5);
    const before = h.add(made);
    made.add_(1);
    return before.mul(made);
  },
  relu_: (h) => h.mul(2).relu_(),
  unsqueeze_: (h) => h.mul(2).unsqueeze_(0).squeeze(0),
  viewOf: (h) => {
    const copy = h.mul(1);
    copy.select(1, 2).mul_(0.5);
    return copy;
  },
};

const drawing: Record<string, Operator> = {
  batchNorm: (h, _, s) => F.batchNorm(h, s.mean, s.variance, { weight: s.row, training: true }),
  bernoulli: (h) => h.mul(h.detach().sigmoid().bernoulli()),
  deadDraw: (h) => {
    rand([3]);
    return h.neg();
  },
  dropout: (h) => F.dropout(h, { p: 0.3 }),
  featureDropout: (h) => F.dropout1d(h.unsqueeze(0), { p: 0.3 }).squeeze(0),
  noise: (h) => h.add(randn([rows, columns])),
};

const constant: Record<string, Operator> = {
  arange: (h) => h.mul(arange(columns).to("float32").mul(0.3)),
  bfloat16: (h) => h.to("bfloat16").mul(1.5).to("float32"),
  detached: (h, other) => h.add(other.detach()),
  double: (h) => h.to("float64").mul(1.1).to("float32"),
  held: (h, _, s) => h.add(s.held),
  numbers: (h) => h.mul(tensor([1, 2, 0.5, -1, 0, 3])),
  onesLike: (h) => onesLike(h).sub(h),
  zerosLike: (h) => zerosLike(h).add(h).add(1),
};

const operators = Object.entries({
  ...pointwise,
  ...reducing,
  ...moving,
  ...inPlace,
  ...drawing,
  ...constant,
});

export const operatorCount = operators.length;

/** One line of a step: an operator on two of the values before it. */
interface Line {
  name: string;
  run: Operator;
  operands: [number, number];
}

/** A step drawn from a seed, and its text. */
export function randomStep(seed: number): { subject: Subject; text: string } {
  const draw = drawFrom(seed);
  const surroundings = new Surroundings();
  const lines = Array.from({ length: 2 + Math.floor(draw() * 12) }, (_, i): Line => {
    const [name, run] = pick(draw, operators);
    return { name, run, operands: [operand(draw, i), operand(draw, i)] };
  });
  const outputs = Array.from({ length: 1 + Math.floor(draw() * 3) }, () => operand(draw, lines.length));
  const backwards = pick(draw, [1, 1, 1, 2]);
  const step = (inputs: unknown[]): Tensor[] => {
    const [x, y, positions, labels, mask] = inputs as [Tensor, Tensor, Tensor, Tensor, Tensor];
    Object.assign(surroundings, { positions, labels, mask });
    const values = [x, y, x.add(surroundings.row).mul(surroundings.column)];
    for (const { run, operands } of lines) {
      values.push(run(values[operands[0]] as Tensor, values[operands[1]] as Tensor, surroundings));
    }
    const given = outputs.map((output) => values[output] as Tensor);
    const loss = [...given, values[2] as Tensor].map((value) => value.square().mean());
    for (let i = 0; i < backwards; i++) stack(loss, 0).sum().backward({ retainGraph: true });
    return [...given, ...loss];
  };
  const { parameters, buffers } = surroundings;
  const subject = { persistent: [...parameters, ...buffers], parameters, draw: drawBatch, step };
  return { subject, text: lines.map(({ name, operands }) => `${name}(${operands})`).join(" ") };
}

function drawBatch(): Tensor[] {
  const positions = randint(0, columns, [rows], { dtype: "int64" });
  const labels = randint(-1, columns, [rows], { dtype: "int64" });
  return [randn([rows, columns]), randn([rows, columns]), positions, labels, rand([rows, columns]).lt(0.5)];
}

/** One of the values before line `i`, of which there are three more than lines; a late one rather than an early one. */
function operand(draw: Draw, i: number): number {
  return Math.floor(Math.sqrt(draw()) * (i + 3));
}
