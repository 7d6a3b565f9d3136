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
export { collateDicts, listToTensor, type PadBatchOptions, padBatch } from "./collate.ts";
export { collectFlowOutputsBySuffix } from "./collect-flow-outputs.ts";
export { DictDataLoader, type DictDataLoaderOptions } from "./dict-data-loader.ts";
export { DictDataset, type DictDatasetOptions, type Field, type FromTensorsOptions } from "./dict-dataset.ts";
export { EpochBatches, openEpoch } from "./epoch-batches.ts";
export { LoaderIterator } from "./loader-iterator.ts";
export { moveToDevice } from "./move-to-device.ts";
export { PythonRandom, type PythonRandomState, pythonRandom } from "./python-random.ts";
export { RaggedField, type RaggedRow } from "./ragged.ts";
export { seedEverything } from "./seed.ts";
export type { Collate, Example, XDict, YDict } from "./types.ts";
