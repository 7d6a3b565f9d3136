/** The scores of the positive and of the negative data points. */
export interface SplitScores {
  positives: Float64Array;
  negatives: Float64Array;
}

/** At each distinct score, from the greatest on: how many positives and negatives have it or a greater one. */
export interface ThresholdCounts {
  thresholds: Float64Array;
  truePositives: Float64Array;
  falsePositives: Float64Array;
}

/**
 * Splits scores by what is positive (1), negative (0) or left out (anything else).
 *
 * @param count - how many there are
 */
export function splitScores(
  count: number,
  kindOf: (i: number) => number,
  scoreOf: (i: number) => number,
): SplitScores {
  const scores = [new Float64Array(count), new Float64Array(count)] as const;
  const counts: [number, number] = [0, 0];
  for (let i = 0; i < count; i++) {
    const kind = kindOf(i);
    if (kind === 0 || kind === 1) scores[kind][counts[kind]++] = scoreOf(i);
  }
  return { negatives: scores[0].subarray(0, counts[0]), positives: scores[1].subarray(0, counts[1]) };
}

/** Both are sorted by themselves, which needs no comparator, and merged. The arrays that are given end up sorted. */
export function countThresholds({ positives, negatives }: SplitScores): ThresholdCounts {
  positives.sort();
  negatives.sort();
  const size = positives.length + negatives.length;
  const [thresholds, truePositives, falsePositives] = [
    new Float64Array(size),
    new Float64Array(size),
    new Float64Array(size),
  ];
  let count = 0;
  let [p, n] = [positives.length - 1, negatives.length - 1];
  while (p >= 0 || n >= 0) {
    const threshold = Math.max(
      positives[p] ?? Number.NEGATIVE_INFINITY,
      negatives[n] ?? Number.NEGATIVE_INFINITY,
    );
    while (p >= 0 && positives[p] === threshold) p--;
    while (n >= 0 && negatives[n] === threshold) n--;
    thresholds[count] = threshold;
    truePositives[count] = positives.length - 1 - p;
    falsePositives[count] = negatives.length - 1 - n;
    count++;
  }
  return {
    thresholds: thresholds.subarray(0, count),
    truePositives: truePositives.subarray(0, count),
    falsePositives: falsePositives.subarray(0, count),
  };
}
