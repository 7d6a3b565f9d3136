import { expected } from "../errors.ts";
import { checkFinite, type Inputs } from "./inputs.ts";
import { classesOf } from "./ranking-metrics.ts";
import { warnUndefined } from "./undefined.ts";

/** The mean of minus the logarithm of the probability that each data point's class was given. */
export function logLoss(inputs: Inputs): number {
  const { golds, probabilityOf, isFloat32 } = probabilities(inputs);
  // A probability of 0 would cost infinitely much: it counts as the smallest distance from 1 that its numbers know.
  const least = isFloat32 ? 2 ** -23 : Number.EPSILON;
  let sum = 0;
  for (let row = 0; row < golds.length; row++) {
    const probability = probabilityOf(row, golds[row] as number);
    sum -= Math.log(Math.min(Math.max(probability, least), 1 - least));
  }
  return sum / golds.length;
}

/** The mean squared error of the probabilities: of two classes that of one of them, of more the sum over all. */
export function brierScore(inputs: Inputs): number {
  const { golds, probabilityOf, classes } = probabilities(inputs);
  let sum = 0;
  for (let row = 0; row < golds.length; row++)
    for (let label = 0; label < classes; label++)
      sum += (Number(golds[row] === label) - probabilityOf(row, label)) ** 2;
  return sum / golds.length / (classes > 2 ? 1 : 2);
}

/** The share of data points whose class is among the `k` most probable; of equal ones the later classes come first. */
export function topKAccuracy(inputs: Inputs): number {
  const { metric, probs, k } = inputs;
  checkFinite(metric, "probs", probs);
  const golds = classesOf(inputs);
  const { data, width } = probs;
  if (width < 2) throw expected(metric, "a column per class", "probs", width);
  if (k >= width)
    warnUndefined(metric, `each of ${width} classes is among the ${k} most probable: the metric is 1`);
  let hits = 0;
  for (let row = 0; row < golds.length; row++) {
    const gold = golds[row] as number;
    const own = data[row * width + gold] as number;
    let before = 0;
    for (let label = 0; label < width; label++) {
      const other = data[row * width + label] as number;
      if (other > own || (other === own && label > gold)) before++;
    }
    if (before < k) hits++;
  }
  return hits / golds.length;
}

/** Golds and probabilities by class. One column stands for class 1, of 0 and 1. @throws TypeError for no probability. */
function probabilities(inputs: Inputs) {
  const { metric, probs } = inputs;
  const { data, width, isFloat32 } = probs;
  checkFinite(metric, "probs", probs);
  const golds = classesOf(inputs);
  const tolerance = Math.sqrt(isFloat32 ? 2 ** -23 : Number.EPSILON);
  for (let row = 0; row < probs.rows; row++) {
    let sum = 0;
    for (let column = 0; column < width; column++) {
      const probability = data[row * width + column] as number;
      if (probability < 0 || probability > 1) {
        const instead = "Give the task an outputFunc that makes probabilities, such as softmax";
        throw expected(metric, "probabilities from 0 to 1", `probs[${row}]`, probability, instead);
      }
      sum += probability;
    }
    if (width > 1 && Math.abs(sum - 1) > tolerance)
      warnUndefined(metric, "the probabilities of a data point do not sum up to 1");
  }
  const probabilityOf = (row: number, label: number): number => {
    if (width > 1) return data[row * width + label] as number;
    return label === 1 ? (data[row] as number) : 1 - (data[row] as number);
  };
  return { golds, probabilityOf, isFloat32, classes: Math.max(2, width) };
}
