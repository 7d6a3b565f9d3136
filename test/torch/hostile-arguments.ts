// Arguments for operators that are wrong, odd or extreme, the same ones for the same operator and case number.
import * as torch from "../../lib/torch/index.ts";
import type { Tensor } from "../../lib/torch/tensor.ts";
import type { Argument, Schema } from "../../scripts/operators/schema.ts";
import { type Draw, drawFrom, pick } from "../draw.ts";
import { dtypes, extremeIntegers, floats, shapes, smallIntegers, texts } from "./hostile-values.ts";

/** Draws that are the same for the same text. */
export function drawFor(text: string): Draw {
  let seed = 2166136261;
  for (const letter of text) seed = Math.imul(seed ^ letter.charCodeAt(0), 16777619);
  return drawFrom(seed);
}

/** One call: the arguments by position, the last perhaps an object with options. */
export function argumentsOf(schemas: readonly Schema[], draw: Draw): unknown[] {
  if (draw() < 0.15) return Array.from({ length: Math.floor(draw() * 6) }, () => wild(draw));
  const schema = pick(draw, schemas);
  const shape = pick(draw, shapes);
  const positional: unknown[] = [];
  const options: Record<string, unknown> = {};
  let byName = false;
  for (const argument of schema.arguments) {
    if (argument.hasDefault && draw() < 0.4) {
      byName = true;
      continue;
    }
    const value = draw() < 0.04 ? wild(draw) : typed(argument, shape, draw);
    if (argument.isKeyword || byName) options[argument.name] = value;
    else positional.push(value);
  }
  return Object.keys(options).length > 0 ? [...positional, options] : positional;
}

function typed(argument: Argument, shape: number[], draw: Draw): unknown {
  const { type } = argument;
  if (type.isOptional && draw() < 0.2) return null;
  if (!type.isList || (type.size !== null && draw() < 0.3)) return element(type.base, shape, draw);
  const length =
    draw() < 0.02 ? 200 : (type.size ?? 0) > 0 && draw() < 0.8 ? Number(type.size) : Math.floor(draw() * 5);
  const list = Array.from({ length }, () =>
    type.hasOptionalElements && draw() < 0.3 ? null : element(type.base, shape, draw),
  );
  if (length > 0 && draw() < 0.03) delete list[0]; // a hole
  return list;
}

function element(base: string, shape: number[], draw: Draw): unknown {
  switch (base) {
    case "Tensor":
      return hostileTensor(draw() < 0.65 ? shape : pick(draw, shapes), draw);
    case "int":
    case "SymInt":
      return pick(draw, draw() < 0.85 ? smallIntegers : extremeIntegers);
    case "float":
      return pick(draw, floats);
    case "bool":
      return draw() < 0.5;
    case "Scalar":
      return pick<unknown>(draw, [...floats, ...smallIntegers, ...extremeIntegers, true, false]);
    case "ScalarType":
      return pick(draw, dtypes);
    case "Device":
      return pick(draw, ["cpu", "cpu", "meta", "cuda", "cuda:99", "cpu:0", "mkldnn", "mps"]);
    case "MemoryFormat":
      return pick(draw, ["contiguous_format", "preserve_format", "channels_last", "channels_last_3d"]);
    case "Generator":
      return new torch.Generator();
    case "Layout":
      return pick(draw, ["strided", "sparse_coo"]);
    default:
      return pick(draw, texts);
  }
}

/** A tensor of a shape, with contents, dtype and memory of every kind. */
export function hostileTensor(shape: number[], draw: Draw): Tensor {
  const base = torch.rand(shape, { dtype: "float32" }) as Tensor;
  const kind = draw();
  const made =
    kind < 0.4
      ? base.mul(4).sub(1)
      : kind < 0.48
        ? base.mul(5).sub(1).to("int64")
        : kind < 0.53
          ? base.mul(3).to("int64")
          : kind < 0.56
            ? torch.full(shape, pick(draw, [2n ** 62n, -(2n ** 63n), 2n ** 31n, -1n]), { dtype: "int64" })
            : kind < 0.59
              ? base.mul(9).to("int32")
              : kind < 0.62
                ? base.gt(0.5)
                : kind < 0.65
                  ? base.to(pick(draw, ["float16", "bfloat16"] as const))
                  : kind < 0.68
                    ? base.mul(200).to(pick(draw, ["uint8", "int8", "int16"] as const))
                    : kind < 0.74
                      ? base.to("float64")
                      : kind < 0.78
                        ? torch.full(shape, pick(draw, [Number.NaN, Number.POSITIVE_INFINITY, -0, 1e38]))
                        : kind < 0.8
                          ? torch.complex(base, base)
                          : kind < 0.84
                            ? torch.rand([]).expand(shape)
                            : kind < 0.9
                              ? torch
                                  .rand(shape.toReversed())
                                  .permute(shape.map((_, i) => shape.length - 1 - i))
                              : kind < 0.95
                                ? torch.rand(shape, { requiresGrad: true })
                                : kind < 0.97
                                  ? torch.empty(shape, { device: "meta" })
                                  : base;
  if (kind >= 0.985) base.dispose();
  return made;
}

class Thrower {
  get length(): number {
    throw new Error("a getter threw");
  }
}

/** A value that no schema asks for. */
export function wild(draw: Draw): unknown {
  const kinds: (() => unknown)[] = [
    () => undefined,
    () => null,
    () => pick<unknown>(draw, [...smallIntegers, ...extremeIntegers, ...floats]),
    () => pick(draw, texts),
    () => hostileTensor(pick(draw, shapes), draw),
    () => [],
    () => new Array(7),
    () => new Array(2 ** 32 - 1),
    () => [[1, 2], [3]],
    () => [hostileTensor([2], draw), 1, null],
    () => ({}),
    () => ({ dim: 0, dtype: "float32", self: 1 }),
    () => ({
      get dim(): number {
        throw new Error("a getter threw");
      },
    }),
    () =>
      Object.defineProperty([0, 1], 0, {
        get() {
          throw new Error("a getter threw");
        },
      }),
    () => new Proxy([1, 2], {}),
    () =>
      new Proxy(
        {},
        {
          ownKeys() {
            throw new Error("a trap threw");
          },
        },
      ),
    () =>
      new Proxy(
        {},
        {
          getPrototypeOf() {
            throw new Error("a trap threw");
          },
        },
      ),
    () => revoked(),
    () => new Thrower(),
    () => Object.create(null),
    () => Object.create(torch.Tensor.prototype),
    () => new torch.Tensor(),
    () => torch.Tensor,
    () => new Map([["dim", 0]]),
    () => new Float32Array(4),
    () => new Uint8Array(new SharedArrayBuffer(4)),
    () => Symbol("dim"),
    () => () => 0,
    () => 2n ** 200n,
    () => true,
    () => new Date(0),
    () => new torch.Generator(),
  ];
  return pick(draw, kinds)();
}

function revoked(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

/** For the message about a crash. */
export function describeArguments(values: readonly unknown[]): string {
  return values.map((value) => describeOne(value, 2)).join(", ");
}

function describeOne(value: unknown, depth: number): string {
  try {
    if (value instanceof torch.Tensor) {
      if (value.isDisposed) return "disposed";
      return `${value.dtype}[${value.shape}]${value.requiresGrad ? "+grad" : ""}/${value.stride()}@${value.device}`;
    }
    if (typeof value === "bigint") return `${value}n`;
    if (Object.is(value, -0)) return "-0";
    if (Array.isArray(value))
      return value.length > 8 || depth === 0
        ? `array of ${value.length}`
        : `[${Array.from(value, (e) => describeOne(e, depth - 1)).join(", ")}]`;
    if (typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype) {
      return `{ ${Object.entries(value)
        .map(([name, e]) => `${name}: ${describeOne(e, depth - 1)}`)
        .join(", ")} }`;
    }
    return typeof value === "string" ? JSON.stringify(value.slice(0, 40)) : String(value);
  } catch {
    return typeof value;
  }
}
