import { expected } from "../errors.ts";
import { checkFinite, type Inputs } from "./inputs.ts";
import { warnUndefined } from "./undefined.ts";

/** The known values of one output: the true ones, and the predicted ones. */
interface Values {
  golds: Float64Array;
  outputs: Float64Array;
}

/** A metric of one output, averaged over those that a data point has. */
function ofOutputs(score: (values: Values, metric: string) => number): (inputs: Inputs) => number {
  return (inputs) => {
    const scores = valuesOf(inputs)
      .filter(({ golds }) => golds.length > 0)
      .map((values) => score(values, inputs.metric));
    return mean(Float64Array.from(scores));
  };
}

const errors = ({ golds, outputs }: Values) => golds.map((gold, i) => gold - (outputs[i] as number));
const squares = (values: Float64Array) => values.map((value) => value * value);
const centered = (values: Float64Array) => {
  const center = mean(values);
  return values.map((value) => value - center);
};

export const meanAbsoluteError = ofOutputs((values) => mean(errors(values).map(Math.abs)));

export const meanSquaredError = ofOutputs((values) => mean(squares(errors(values))));

export const rootMeanSquaredError = ofOutputs((values) => Math.sqrt(mean(squares(errors(values)))));

export const medianAbsoluteError = ofOutputs((values) => {
  const sorted = errors(values).map(Math.abs).sort();
  const middle = sorted.length / 2;
  return mean(sorted.subarray(Math.ceil(middle) - 1, Math.floor(middle) + 1));
});

/** As a share of the true values; of a true value of 0, of the smallest number above it that 1 can be told from. */
export const meanAbsolutePercentageError = ofOutputs((values) =>
  mean(
    errors(values).map(
      (error, i) => Math.abs(error) / Math.max(Math.abs(values.golds[i] as number), Number.EPSILON),
    ),
  ),
);

/** The greatest error of all outputs. */
export function maxError(inputs: Inputs): number {
  let greatest = 0;
  for (const values of valuesOf(inputs))
    for (const error of errors(values)) greatest = Math.max(greatest, Math.abs(error));
  return greatest;
}

/** The share of the variance of golds that the outputs account for; an offset counts as an error. */
export const r2 = ofOutputs((values, metric) => {
  if (values.golds.length < 2) {
    warnUndefined(metric, "there is one data point: the metric is NaN");
    return Number.NaN;
  }
  return explained(sum(squares(errors(values))), sum(squares(centered(values.golds))));
});

/** The share of the variance of golds that the outputs account for, whatever their offset. */
export const explainedVariance = ofOutputs((values) =>
  explained(mean(squares(centered(errors(values)))), mean(squares(centered(values.golds)))),
);

/** Of golds that do not vary, 1 if they are met and 0 if not. */
function explained(unexplained: number, variance: number): number {
  if (unexplained === 0) return 1;
  return variance === 0 ? 0 : 1 - unexplained / variance;
}

function valuesOf({ metric, golds, probs, missing }: Inputs): Values[] {
  const { rows, width } = golds;
  if (probs.width !== width) {
    const instead = "Give the task an outputFunc that gives one number for each value of its label";
    throw expected(metric, `${width} columns, as golds has,`, "probs", probs.width, instead);
  }
  checkFinite(metric, "golds", golds);
  checkFinite(metric, "probs", probs);
  return Array.from({ length: width }, (_, column) => {
    const values = { golds: new Float64Array(rows), outputs: new Float64Array(rows) };
    let count = 0;
    for (let i = column; i < rows * width; i += width) {
      if (missing?.[i] === 1) continue;
      values.golds[count] = golds.data[i] as number;
      values.outputs[count++] = probs.data[i] as number;
    }
    return { golds: values.golds.subarray(0, count), outputs: values.outputs.subarray(0, count) };
  });
}

function sum(values: Float64Array): number {
  let all = 0;
  for (let i = 0; i < values.length; i++) all += values[i] as number;
  return all;
}

function mean(values: Float64Array): number {
  return sum(values) / values.length;
}
