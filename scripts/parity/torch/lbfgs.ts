// PyTorch's LBFGS beside ours, on the problems of scripts/goldens/lbfgs.py.
import { nn, optim, scope, slice, Tensor } from "../../../lib/torch/index.ts";
import { native } from "../../../lib/torch/native.ts";
import type { Row } from "./row.ts";

interface RecordedTensor {
  dtype: string;
  shape: number[];
  data: string;
}

interface Run {
  problem: keyof typeof problems;
  options: Record<string, unknown>;
  data: RecordedTensor[];
  initial: RecordedTensor[];
  steps: { loss: RecordedTensor; parameters: RecordedTensor[] }[];
  saved: RecordedStateDict;
  final: RecordedStateDict;
}

interface RecordedStateDict {
  state: Record<number, object>;
  param_groups: optim.ParameterGroup[];
}

export interface LBFGSGoldens {
  saved: number;
  runs: Run[];
}

const at = <T>(list: readonly T[], i: number): T => list[i] as T;

const problems = {
  rosenbrock(parameters: readonly Tensor[]) {
    const x = at(parameters, 0);
    const [left, right] = [x.index(slice(null, -1)), x.index(slice(1))];
    return right.sub(left.pow(2)).pow(2).mul(100).add(left.sub(1).pow(2)).sum();
  },
  squares(parameters: readonly Tensor[], data: readonly Tensor[]) {
    return at(data, 0).mm(at(parameters, 0)).add(at(parameters, 1)).sub(at(data, 1)).pow(2).mean();
  },
  logistic(parameters: readonly Tensor[], data: readonly Tensor[]) {
    const logits = at(data, 0).mm(at(parameters, 0)).add(at(parameters, 1));
    const labels = at(data, 1).gt(0).to(logits.dtype);
    return nn.functional.softplus(logits).sub(labels.mul(logits)).mean();
  },
};

/** Compares all steps, and those that go on from Python's state, with Python's: losses, parameters and state. */
export function compareLBFGS({ runs, saved }: LBFGSGoldens): Row[] {
  return runs.flatMap((run) => {
    const name = `LBFGS ${run.problem} ${run.initial[0]?.dtype} ${JSON.stringify(run.options)}`;
    const rows = scope(() => ({
      [name]: compare(run, 0, null),
      [`${name}, from Python's state`]: compare(run, saved + 1, run.saved),
    }));
    return Object.entries(rows).map(
      ([name, difference]) => ({ part: "optimizer", name, difference, bound: 0 }) as const,
    );
  });
}

function compare(run: Run, first: number, state: RecordedStateDict | null): number {
  const start = first === 0 ? run.initial : at(run.steps, first - 1).parameters;
  const parameters = start.map((recorded) => new nn.Parameter(decode(recorded)));
  const data = run.data.map(decode);
  const optimizer = new optim.LBFGS(parameters, camel(run.options));
  if (state !== null) optimizer.loadStateDict(decodeAll(state) as optim.LBFGSStateDict);
  let difference = 0;
  for (const { loss, parameters: wanted } of run.steps.slice(first)) {
    const ours = optimizer.step(() => {
      optimizer.zeroGrad();
      const loss = problems[run.problem](parameters, data);
      loss.backward();
      return loss;
    });
    difference = Math.max(difference, differenceOf([ours, ...parameters], [loss, ...wanted]));
  }
  return Math.max(difference, differenceOf(optimizer.stateDict(), run.final));
}

function camel(options: Record<string, unknown>): object {
  const spell = (name: string) => name.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase());
  return Object.fromEntries(
    Object.entries(options).map(([name, value]) => [
      spell(name),
      value === "strong_wolfe" ? "strongWolfe" : value,
    ]),
  );
}

function decode({ data, shape, dtype }: RecordedTensor): Tensor {
  return native.tensorFromBytes(Buffer.from(data, "base64"), shape, dtype);
}

function isTensor(value: unknown): value is RecordedTensor {
  return typeof value === "object" && value !== null && "data" in value;
}

/** A recorded value with its tensors made. */
function decodeAll(value: unknown): unknown {
  if (isTensor(value)) return decode(value);
  if (Array.isArray(value)) return value.map(decodeAll);
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([name, entry]) => [name, decodeAll(entry)]));
  }
  return value === "nan" || value === "inf" || value === "-inf"
    ? Number(value.replace("inf", "Infinity"))
    : value;
}

/** The largest difference relative to the largest element of a tensor; NaN unless all has the same form. */
function differenceOf(ours: unknown, recorded: unknown): number {
  if (isTensor(recorded)) return ours instanceof Tensor ? differenceOfTensor(ours, recorded) : Number.NaN;
  if (typeof recorded !== "object" || recorded === null || typeof ours !== "object" || ours === null) {
    return Object.is(ours, decodeAll(recorded)) ? 0 : Number.NaN;
  }
  const names = new Set([...Object.keys(ours), ...Object.keys(recorded)]);
  return Math.max(
    0,
    ...[...names].map((name) => differenceOf(Reflect.get(ours, name), Reflect.get(recorded, name))),
  );
}

function differenceOfTensor(ours: Tensor, recorded: RecordedTensor): number {
  if (ours.dtype !== recorded.dtype || String(ours.shape) !== String(recorded.shape)) return Number.NaN;
  if (Buffer.from(native.tensorToBytes(ours)).toString("base64") === recorded.data) return 0;
  const [actual, wanted] = [ours, decode(recorded)].map((tensor) =>
    Array.from(tensor.toTypedArray(), Number),
  );
  const scale = Math.max(...(wanted ?? []).map(Math.abs)) || 1;
  const distance = Math.max(
    0,
    ...(wanted ?? []).map((value, i) => Math.abs(value - at(actual ?? [], i)) / scale),
  );
  return Math.max(distance, Number.MIN_VALUE);
}
