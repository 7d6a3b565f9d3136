/** How often one class was predicted, was right, and was both. */
export interface ClassCounts {
  truePositives: number;
  predicted: number;
  actual: number;
}

/** The counts of every class that golds or preds name. All our metrics of labels are functions of these. */
export function countClasses(golds: readonly number[], preds: readonly number[]): Map<number, ClassCounts> {
  const counts = new Map<number, ClassCounts>();
  const of = (label: number): ClassCounts => {
    const known = counts.get(label);
    if (known) return known;
    const fresh = { truePositives: 0, predicted: 0, actual: 0 };
    counts.set(label, fresh);
    return fresh;
  };
  for (const [row, gold] of golds.entries()) {
    const pred = preds[row] as number;
    of(gold).actual += 1;
    of(pred).predicted += 1;
    if (gold === pred) of(gold).truePositives += 1;
  }
  return counts;
}

/** The share of predictions of a class that are right; 0 where it was never predicted. */
export function precision({ truePositives, predicted }: ClassCounts): number {
  return predicted === 0 ? 0 : truePositives / predicted;
}

/** The share of a class that was found; 0 where there is none of it. */
export function recall({ truePositives, actual }: ClassCounts): number {
  return actual === 0 ? 0 : truePositives / actual;
}

/** The weighted harmonic mean of precision and recall; `beta` above 1 favours recall. 0 where neither is defined. */
export function fbeta({ truePositives, predicted, actual }: ClassCounts, beta: number): number {
  const denominator = beta ** 2 * actual + predicted;
  return denominator === 0 ? 0 : ((1 + beta ** 2) * truePositives) / denominator;
}

/** The counts of all classes added up. */
export function total(counts: ReadonlyMap<number, ClassCounts>): ClassCounts {
  const sum = { truePositives: 0, predicted: 0, actual: 0 };
  for (const { truePositives, predicted, actual } of counts.values()) {
    sum.truePositives += truePositives;
    sum.predicted += predicted;
    sum.actual += actual;
  }
  return sum;
}

/** Matthews' correlation of golds and preds, in Gorodkin's form for any number of classes; 0 where undefined. */
export function matthewsCorrelation(counts: ReadonlyMap<number, ClassCounts>): number {
  const { truePositives, predicted: rows } = total(counts);
  const products = { mixed: 0, predicted: 0, actual: 0 };
  for (const { predicted, actual } of counts.values()) {
    products.mixed += predicted * actual;
    products.predicted += predicted * predicted;
    products.actual += actual * actual;
  }
  const covariance = truePositives * rows - products.mixed;
  const variances = (rows * rows - products.predicted) * (rows * rows - products.actual);
  return variances === 0 ? 0 : covariance / Math.sqrt(variances);
}
