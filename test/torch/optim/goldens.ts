import { readFileSync } from "node:fs";
import { Parameter } from "../../../lib/torch/nn/parameter.ts";
import type { Tensor } from "../../../lib/torch/tensor.ts";
import {
  decode,
  type OptimizerGoldens,
  setGradients as set,
} from "../../../scripts/parity/torch/optimizers.ts";

export { encode } from "../../../scripts/parity/torch/optimizers.ts";

export const goldens: OptimizerGoldens = JSON.parse(
  readFileSync(new URL("../../goldens/optim.json", import.meta.url), "utf8"),
);

/** Why the recorded bits cannot be asked for here, or false. */
export const otherBits = process.arch !== "x64" && "the recorded bits are those of x86-64";

export function initialParameters(): Parameter[] {
  return goldens.parameters.map(({ initial }, place) => new Parameter(decode(goldens, initial, place)));
}

/** Gives the parameters their gradients of a step; the last has none before it is late, and none once in between. */
export function setGradients(parameters: Parameter[], step: number): void {
  set(goldens, parameters, step);
}

/** The elements of a tensor as numbers. */
export function numbers(tensor: Tensor): number[] {
  return Array.from(tensor.toTypedArray(), Number);
}
