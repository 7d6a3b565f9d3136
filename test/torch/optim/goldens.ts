import { readFileSync } from "node:fs";
import { native } from "../../../lib/torch/native.ts";
import { Parameter } from "../../../lib/torch/nn/parameter.ts";
import type { Tensor } from "../../../lib/torch/tensor.ts";

export interface OptimizedCase {
  kind: "SGD" | "Adam" | "AdamW" | "Adamax";
  options: Record<string, unknown>;
  after: Record<number, string[]>;
  state: Record<number, Record<string, string>>;
}

export interface ClippedCase {
  parameters: number[];
  maxNorm: number;
  normType: number | "Infinity";
  gradients: string[];
  norm: number;
  clipped: string[];
}

export interface Goldens {
  lr: number;
  late: number;
  skipped: number;
  parameters: { shape: number[]; dtype: string; initial: string }[];
  gradients: string[][];
  optimized: OptimizedCase[];
  clipped: ClippedCase[];
}

export const goldens: Goldens = JSON.parse(
  readFileSync(new URL("../../goldens/optim.json", import.meta.url), "utf8"),
);

/** Why the recorded bits cannot be asked for here, or false. */
export const otherBits = process.arch !== "x64" && "the recorded bits are those of x86-64";

/** A recorded tensor, of the shape and dtype of the parameter at that place. */
export function decode(text: string, place: number): Tensor {
  const { shape = [], dtype = "" } = goldens.parameters[place] ?? {};
  return native.tensorFromBytes(Buffer.from(text, "base64"), shape, dtype);
}

/** The bits of a tensor, as they are recorded. */
export function encode(tensor: Tensor | null): string {
  return tensor === null ? "" : Buffer.from(native.tensorToBytes(tensor)).toString("base64");
}

/** The elements as numbers; the places count within the recorded dtypes. */
export function numbers(tensor: Tensor): number[] {
  return Array.from(tensor.toTypedArray(), Number);
}

export function initialParameters(places = goldens.parameters.map((_, place) => place)): Parameter[] {
  return places.map((place) => new Parameter(decode(goldens.parameters[place]?.initial ?? "", place)));
}

/** Gives the parameters their gradients of a step; the last has none before it is late, and none once in between. */
export function setGradients(parameters: Parameter[], step: number): void {
  for (const [place, text] of (goldens.gradients[step] ?? []).entries()) {
    const isMissing = place === parameters.length - 1 && (step < goldens.late || step === goldens.skipped);
    const parameter = parameters[place];
    if (parameter !== undefined) parameter.grad = isMissing ? null : decode(text, place);
  }
}
