export { type LabelArray, type ProbabilityMatrix, type ScoringArray, toScoringArray } from "./arrays.ts";
export { getLabelBuckets, getLabelInstances } from "./label-buckets.ts";
export { filterLabels, toIntLabelArray } from "./labels.ts";
export { METRIC_NAMES, type MetricName, type MetricScoreOptions, metricScore } from "./metrics.ts";
export { hasClasses, type ProbsToPredsOptions, predsToProbs, probsToPreds } from "./predictions.ts";
export {
  type CustomMetric,
  Scorer,
  type ScorerOptions,
  type SliceMembership,
  type SliceScores,
  type SliceTable,
} from "./scorer.ts";
export { metricsToTable, type ScoreRow } from "./table.ts";
