export type { Batch } from "./batch.ts";
export {
  type BatchScheduler,
  type BatchSchedulerName,
  batchSchedulerNames,
  createBatchScheduler,
  SequentialScheduler,
  ShuffledScheduler,
  type Turn,
} from "./batch-schedulers.ts";
export {
  BucketBatchSampler,
  type BucketBatchSamplerOptions,
} from "./bucket-batch-sampler.ts";
export { collateDicts, listToTensor, type PadBatchOptions, padBatch, padCollate } from "./collate.ts";
export { collectFlowOutputsBySuffix } from "./collect-flow-outputs.ts";
export type { BatchIterator, DataLoader, DatasetInfo } from "./data-loader.ts";
export { DictDataLoader, type DictDataLoaderOptions } from "./dict-data-loader.ts";
export { DictDataset, type DictDatasetOptions, type FromTensorsOptions } from "./dict-dataset.ts";
export { type DrawMark, EpochBatches, openEpoch } from "./epoch-batches.ts";
export type { Field, FieldRecord } from "./field.ts";
export { type GeneratorStates, Generators } from "./generators.ts";
export { LoaderIterator } from "./loader-iterator.ts";
export { moveToDevice } from "./move-to-device.ts";
export type { LayoutOptions } from "./pad.ts";
export type { PaddingOptions } from "./padding.ts";
export { PythonRandom, type PythonRandomState, pythonRandom } from "./python-random.ts";
export { RaggedField, type RaggedOptions, type RaggedRow } from "./ragged.ts";
export {
  type BatchedSampler,
  BatchSampler,
  type GeneratorOption,
  RandomSampler,
  type RandomSamplerOptions,
  type Sampler,
  SequentialSampler,
  type Sized,
  SubsetRandomSampler,
} from "./samplers.ts";
export { seedEverything } from "./seed.ts";
export { StreamDataLoader, type StreamDataLoaderOptions, type StreamSource } from "./stream-data-loader.ts";
export type { StreamIterator } from "./stream-iterator.ts";
export type { Collate, Example, XDict, YDict } from "./types.ts";
export {
  type BalancedSamplerOptions,
  WeightedRandomSampler,
  type WeightedRandomSamplerOptions,
} from "./weighted-random-sampler.ts";
