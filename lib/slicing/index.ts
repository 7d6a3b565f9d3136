export { addSliceLabels } from "./add-slice-labels.ts";
export { convertToSliceTasks, type SliceTaskOptions } from "./convert-to-slice-tasks.ts";
export type { DataPoints } from "./data-points.ts";
export { type ApplierMetadata, type ApplyOptions, SFApplier, type SliceColumns } from "./sf-applier.ts";
export { SliceAwareClassifier, type SliceAwareClassifierOptions } from "./slice-aware-classifier.ts";
export { type Confidence, SliceCombinerModule, type SliceCombinerOptions } from "./slice-combiner-module.ts";
export { sliceRows } from "./slice-rows.ts";
export {
  type Preprocessor,
  type SliceVote,
  SlicingFunction,
  type SlicingFunctionOptions,
  slicingFunction,
} from "./slicing-function.ts";
