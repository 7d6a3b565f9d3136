export { type LabelArray, type ProbabilityMatrix, type ScoringArray, toScoringArray } from "./arrays.ts";
export {
  type ConfusionMatrix,
  classificationReport,
  confusionMatrix,
  type ReportOptions,
  type ReportRow,
} from "./classification-report.ts";
export {
  auc,
  type CurveOptions,
  type PrecisionRecallCurve,
  precisionRecallCurve,
  type RocCurve,
  rocCurve,
} from "./curves.ts";
export { getLabelBuckets, getLabelInstances } from "./label-buckets.ts";
export { filterLabels, toIntLabelArray } from "./labels.ts";
export {
  METRIC_NAMES,
  type MetricName,
  type MetricScoreOptions,
  type MetricSettings,
  metricScore,
} from "./metrics.ts";
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
