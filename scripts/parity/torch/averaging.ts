import { nn, optim, type Tensor } from "../../../lib/torch/index.ts";
import { native } from "../../../lib/torch/native.ts";
import type { Row } from "./row.ts";

interface Recorded {
  dtype: "float32" | "float64";
  shape: number[];
  data: string;
}

type State = Record<string, Recorded>;

type RuleName = "default" | "swaAvgFn" | "swaMultiAvgFn" | "emaAvgFn" | "emaMultiAvgFn";

export interface AveragingGolden {
  averages: {
    decay: number;
    dtype: "float32" | "float64";
    states: State[];
    cases: { rule: RuleName; useBuffers: boolean; after: State[] }[];
  }[];
  updateBn: { momentum: number; batches: Recorded[]; after: State; later: State }[];
}

/** Averages of weights, and statistics computed anew, against PyTorch's after each step. */
export async function compareAveraging({ averages, updateBn }: AveragingGolden): Promise<Row[]> {
  const rows: Row[] = [];
  for (const { decay, dtype, states, cases } of averages) {
    for (const { rule, useBuffers, after } of cases) {
      const model = newModel(dtype);
      const averaged = new optim.AveragedModel(model, { ...rules(decay)[rule], useBuffers });
      const differences = states.map((state, step) => {
        model.loadStateDict(decodeState(state));
        averaged.updateParameters(model);
        return difference(averaged, after[step] ?? {});
      });
      const name = `AveragedModel ${rule} ${dtype}${useBuffers ? " useBuffers" : ""}`;
      rows.push({ part: "averaging", name, difference: Math.max(...differences), bound: 0 });
    }
  }
  for (const golden of updateBn) {
    const name = `updateBn momentum ${golden.momentum}`;
    rows.push({ part: "averaging", name, difference: await updateBnDifference(golden), bound: 0 });
  }
  return rows;
}

function newModel(dtype: "float32" | "float64"): nn.Module {
  return new nn.Sequential(new nn.Linear(3, 5), new nn.BatchNorm1d(5), new nn.Linear(5, 2)).to(dtype);
}

function rules(decay: number): Record<RuleName, Partial<optim.AveragedModelOptions>> {
  return {
    default: {},
    swaAvgFn: { avgFn: optim.getSwaAvgFn() },
    swaMultiAvgFn: { multiAvgFn: optim.getSwaMultiAvgFn() },
    emaAvgFn: { avgFn: optim.getEmaAvgFn(decay) },
    emaMultiAvgFn: { multiAvgFn: optim.getEmaMultiAvgFn(decay) },
  };
}

async function updateBnDifference(golden: AveragingGolden["updateBn"][0]): Promise<number> {
  const model = new nn.Sequential(
    new nn.BatchNorm2d(2, { momentum: golden.momentum }),
    new nn.Flatten(),
    new nn.BatchNorm1d(8, { momentum: null }),
  );
  const batches = golden.batches.map(decode);
  const [first] = batches;
  if (first === undefined) return Number.NaN;
  model.forward(first);
  const pairs = batches.map((batch) => [batch, null]);
  await optim.updateBn(pairs, model);
  const after = difference(model, golden.after);
  model.forward(first);
  return Math.max(after, difference(model, golden.later));
}

function decode({ dtype, shape, data }: Recorded): Tensor {
  return native.tensorFromBytes(Buffer.from(data, "base64"), shape, dtype);
}

function decodeState(state: State): Record<string, Tensor> {
  return Object.fromEntries(Object.entries(state).map(([name, recorded]) => [name, decode(recorded)]));
}

/** Between a module's state and a recorded one, relative to the largest element of each tensor; NaN if they do not match. */
function difference(module: nn.Module, recorded: State): number {
  const state = module.stateDict();
  if (Object.keys(state).join() !== Object.keys(recorded).join()) return Number.NaN;
  const differences = Object.entries(decodeState(recorded)).map(([name, python]) => {
    const [ours, theirs] = [state[name], python].map((tensor) =>
      Array.from(tensor?.toTypedArray() ?? [], Number),
    );
    if (ours?.length !== theirs?.length || state[name]?.dtype !== python.dtype) return Number.NaN;
    const worst = Math.max(...(theirs ?? []).map((value, i) => Math.abs((ours?.[i] ?? Number.NaN) - value)));
    return worst === 0 ? 0 : worst / Math.max(...(theirs ?? []).map(Math.abs));
  });
  return Math.max(...differences);
}
