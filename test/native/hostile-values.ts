// Values to call native functions with: fitting ones, odd ones, and ones that run code while they are read.
import { tensor } from "../../lib/torch/creation.ts";
import { dtypes } from "../../lib/torch/dtype.ts";
import { slice } from "../../lib/torch/indexing.ts";
import { native } from "../../lib/torch/native.ts";
import { Generator } from "../../lib/torch/random.ts";
import { Tensor } from "../../lib/torch/tensor.ts";
import { type Draw, pick } from "../draw.ts";

const fail = (): never => {
  throw new Error("user code threw");
};
const numbers = [
  0,
  1,
  2,
  -1,
  3,
  0.5,
  -0,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  2 ** 31,
  2 ** 32,
  2 ** 53,
  1e308,
  -(2 ** 40),
];
const bigints = [0n, 1n, -1n, 2n ** 62n, 2n ** 63n, -(2n ** 63n), 2n ** 200n];
const kinds = ["Linear", "ReLU", "Dropout", "Embedding", "sgd", "adam", "constant", "step"];
const texts = [
  ...dtypes,
  ...kinds,
  "cpu",
  "meta",
  "cuda",
  "auto",
  "cuda:7",
  "...",
  "",
  "\0",
  "weight",
  "x".repeat(300),
];

function makeTensor(draw: Draw): Tensor {
  const made = tensor(
    pick(draw, [
      [1, 2, 3],
      [
        [1, 2],
        [3, 4],
      ],
      1,
      [],
      [[]],
    ]),
    { dtype: pick(draw, dtypes) },
  );
  const floating = made.dtype.includes("float");
  if (floating && draw() < 0.4) made.requiresGrad = true;
  if (floating && draw() < 0.3) return made.exp();
  if (draw() < 0.1) return made.to("meta");
  if (draw() < 0.1) made.dispose();
  return made;
}

function resizable(): ArrayBuffer {
  return Reflect.construct(ArrayBuffer, [16, { maxByteLength: 64 }]) as ArrayBuffer;
}

function detached(): Float32Array {
  const array = new Float32Array(4);
  structuredClone(array.buffer, { transfer: [array.buffer] });
  return array;
}

/** A length-tracking array over memory that shrank below its start. */
function outOfBounds(): Int16Array {
  const buffer = resizable();
  const array = new Int16Array(buffer, 8);
  (buffer as unknown as { resize(size: number): void }).resize(4);
  return array;
}

function typedArray(draw: Draw): unknown {
  return pick<() => unknown>(draw, [
    () => Float32Array.of(1, 2, 3),
    () => Float64Array.of(1, Number.NaN),
    () => BigInt64Array.of(1n),
    () => Uint8Array.of(1, 2, 3, 4),
    () => new Uint8Array(2 ** 16),
    () => Uint16Array.of(1),
    () => new Int32Array(new SharedArrayBuffer(8)),
    () => new Uint8Array(resizable()),
    () => new DataView(new ArrayBuffer(8)),
    () => new ArrayBuffer(8),
    detached,
    outOfBounds,
  ])();
}

export function makeOptimizer(draw: Draw): object {
  const instance = {};
  const parameters = [tensor([1], { requiresGrad: true }), tensor([[2, 3]], { requiresGrad: true })];
  for (const parameter of parameters) parameter.grad = parameter.detach();
  const [kind, options] = draw() < 0.5 ? ["sgd", sgd] : ["adam", adam];
  native.optimizerInit(instance as never, draw() < 0.5, draw() < 0.5);
  native.optimizerAddGroup(instance as never, kind as string, parameters, options as object);
  return instance;
}

export function makeModule(draw: Draw): object {
  const instance = {};
  const [kind, options] =
    draw() < 0.7 ? ["Linear", { inFeatures: 2, outFeatures: 3, bias: true }] : ["ReLU", { inplace: true }];
  native.moduleInit(instance as never, kind as string, options as object);
  return instance;
}

function handle(draw: Draw): unknown {
  return pick<() => unknown>(draw, [
    () => new Generator(),
    () => Object.create(Generator.prototype),
    () => Object.create(Tensor.prototype),
    () => new Tensor(),
    () => Object.setPrototypeOf({}, Tensor.prototype),
    () => new Proxy(makeTensor(draw), {}),
    () => new Proxy({}, { get: fail, has: fail, ownKeys: fail, getPrototypeOf: fail }),
    () => makeOptimizer(draw),
    () => makeModule(draw),
    () => native,
    () => Tensor,
    () => class extends Tensor {},
    () => new Map(),
    () => /a/,
  ])();
}

export const sgd = { momentum: 0.5, dampening: 0, weightDecay: 0, nesterov: false, maximize: false };
export const adam = { betas: [0.9, 0.99], eps: 1e-8, weightDecay: 0, amsgrad: false, maximize: false };

/** An array in which reading an element frees, changes or shortens what else the call was given. */
function trap(draw: Draw, others: unknown[]): unknown[] {
  const array: unknown[] = [makeTensor(draw), makeTensor(draw)];
  const spring = (): unknown => {
    for (const other of [...others, ...array.slice(1)].flat()) {
      if (other instanceof Tensor) other.dispose();
      else if (typeof other === "object" && other !== null) native.optimizerDispose(other as never);
    }
    array.length = 1;
    globalThis.gc?.();
    return makeTensor(draw);
  };
  Object.defineProperty(array, 0, { get: spring });
  return array;
}

function object(draw: Draw): unknown {
  return pick<() => unknown>(draw, [
    () => ({ ...sgd }),
    () => ({ ...adam }),
    () => ({
      ...sgd,
      get momentum() {
        return fail();
      },
    }),
    () => ({
      inFeatures: 2,
      outFeatures: 3,
      bias: true,
      p: 0.5,
      inplace: false,
      numEmbeddings: 4,
      embeddingDim: 2,
    }),
    () => ({ inFeatures: 2 ** 40, outFeatures: 2 ** 40, bias: true }),
    () => ({
      inFeatures: 2,
      outFeatures: 3,
      bias: true,
      dtype: pick(draw, texts),
      device: pick(draw, texts),
    }),
    () => slice(0, pick(draw, numbers) as number),
    () => ({ step: pick(draw, numbers), start: 0, end: 1 }),
    () => ({ step: makeTensor(draw) }),
    () => Object.defineProperty({}, "step", { get: fail }),
    () => ({}),
    () => Object.create(null),
  ])();
}

/** @param others - the arguments before it, which a trap may free */
export function hostileValue(draw: Draw, others: unknown[], depth = 2): unknown {
  return pick<() => unknown>(draw, [
    () => makeTensor(draw),
    () => makeTensor(draw),
    () => pick(draw, numbers),
    () => pick(draw, bigints),
    () => pick(draw, texts),
    () => pick<unknown>(draw, [undefined, null, true, false, Symbol("s"), () => 0, fail]),
    () => typedArray(draw),
    () => handle(draw),
    () => object(draw),
    () => trap(draw, others),
    () => new Array(pick(draw, [0, 3, 2 ** 16])),
    () =>
      depth === 0
        ? []
        : Array.from({ length: Math.floor(draw() * 4) }, () => hostileValue(draw, others, depth - 1)),
    () => Array.from({ length: Math.floor(draw() * 4) }, () => makeTensor(draw)),
    () => Array.from({ length: Math.floor(draw() * 3) }, () => pick(draw, [0, 1, 2, 3])),
  ])();
}
