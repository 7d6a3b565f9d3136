import "../plain-kernels.ts";
import assert from "node:assert/strict";
import { test } from "node:test";
import { Adam, Adamax, AdamW, type Optimizer, SGD } from "../../../lib/torch/optim/index.ts";
import {
  decode,
  encode,
  goldens,
  initialParameters,
  numbers,
  type OptimizedCase,
  otherBits,
  setGradients,
} from "./goldens.ts";

const classes = { SGD, Adam, AdamW, Adamax };

function title({ kind, options }: OptimizedCase): string {
  return `${kind} ${JSON.stringify(options)}`;
}

/** Runs the recorded steps, and calls `check` after those whose parameters were recorded. */
function run(
  golden: OptimizedCase,
  implementation: "fused" | "foreach",
  check: (recorded: string, parameter: ReturnType<typeof initialParameters>[number], place: number) => void,
): Optimizer {
  const camel = Object.entries(golden.options).map(([name, value]) => [
    name.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase()),
    value,
  ]);
  const parameters = initialParameters();
  const options = { ...Object.fromEntries(camel), lr: goldens.lr, implementation };
  const optimizer: Optimizer = new classes[golden.kind](parameters, options);
  for (const step of goldens.gradients.keys()) {
    setGradients(parameters, step);
    optimizer.step();
    for (const [place, text] of golden.after[step]?.entries() ?? []) {
      const parameter = parameters[place];
      assert(parameter !== undefined);
      check(text, parameter, place);
    }
  }
  return optimizer;
}

for (const golden of goldens.optimized) {
  test(`foreach equals PyTorch to the bit: ${title(golden)}`, { skip: otherBits }, () => {
    const optimizer = run(golden, "foreach", (recorded, parameter) =>
      assert.equal(encode(parameter), recorded),
    );
    const state = Object.entries(optimizer.stateDict().state).map(([place, entries]) => [
      place,
      Object.fromEntries(Object.entries(entries).map(([name, tensor]) => [name, encode(tensor)])),
    ]);
    assert.deepEqual(Object.fromEntries(state), golden.state);
  });

  test(`fused is near PyTorch: ${title(golden)}`, () => {
    const optimizer = run(golden, "fused", (recorded, parameter, place) => {
      const wanted = numbers(decode(recorded, place));
      const scale = Math.max(...wanted.map(Math.abs));
      for (const [i, value] of numbers(parameter).entries()) {
        assert(
          Math.abs(value - (wanted[i] ?? Number.NaN)) <= 5e-6 * scale,
          `${value} is not near ${wanted[i]}`,
        );
      }
    });
    const { state } = optimizer.stateDict();
    for (const [place, entries] of Object.entries(golden.state)) {
      assert.deepEqual(Object.keys(state[Number(place)] ?? {}), Object.keys(entries));
      if (entries.step !== undefined) assert.equal(encode(state[Number(place)]?.step ?? null), entries.step);
    }
  });
}
