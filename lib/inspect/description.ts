/** A tensor in a file. */
export interface TensorDescription {
  name: string;
  dtype: string;
  shape: readonly number[];
  /** Of its elements. */
  bytes: number;
}

interface AnyDescription {
  path: string;
  /** Of the file. */
  bytes: number;
  tensors: readonly TensorDescription[];
}

/** A safetensors file, or the shards that an index names. */
export interface SafetensorsDescription extends AnyDescription {
  format: "safetensors";
  /** Of a file; null where it has none. */
  metadata: Readonly<Record<string, string>> | null;
  /** The files that an index names; null for a single file. */
  shards: readonly string[] | null;
  /** The training that `Trainer.save` or a checkpointer has put there; null for other files. */
  training: TrainingDescription | null;
}

/** A training that is kept in a file. */
export interface TrainingDescription {
  name: string;
  /** Epochs that were done, of those that there shall be. */
  epoch: number | null;
  nEpochs: number;
  /** Batches of the epoch, and of all epochs, that were done. */
  position: number | null;
  batches: number | null;
  config: Readonly<Record<string, unknown>>;
  metrics: Readonly<Record<string, number>>;
  loaders: readonly unknown[];
}

/** A tensor in a file of `torch.save`. */
export interface PtTensorDescription extends TensorDescription {
  stride: readonly number[];
  /** In elements of its storage. */
  offset: number;
  /** Tensors with one key share memory. */
  storage: string;
  /** Of the whole storage, which may be larger than the tensor. */
  storageBytes: number;
  /** Where it was when it was saved. */
  device: string;
  isParameter: boolean;
  requiresGrad: boolean;
}

/** What `torch.save` wrote. */
export interface PtDescription extends AnyDescription {
  format: "torch.save";
  tensors: readonly PtTensorDescription[];
  /** The bytes of all storages, each counted once. */
  storageBytes: number;
  /** What is no tensor, by its place: numbers, texts, lists of such. */
  values: readonly { name: string; value: unknown }[];
}

/** A program of TorchScript. */
export interface TorchScriptDescription extends AnyDescription {
  format: "TorchScript";
  /** The files in the archive. */
  records: readonly { name: string; bytes: number }[];
}

export interface NumpyTensorDescription extends TensorDescription {
  fortranOrder: boolean;
  bigEndian: boolean;
}

/** An array of NumPy, or an archive of such. */
export interface NumpyDescription extends AnyDescription {
  format: "npy" | "npz";
  tensors: readonly NumpyTensorDescription[];
}

/** The values of one tag in an event file. */
export interface SeriesDescription {
  tag: string;
  /** What TensorBoard shows it as: `scalars`, `text`, `images`, ... */
  plugin: string;
  count: number;
  firstStep: number;
  lastStep: number;
  /** The first and the last number or text; null for others. */
  first: number | string | null;
  last: number | string | null;
}

/** A TensorBoard event file. */
export interface EventsDescription {
  format: "TensorBoard events";
  path: string;
  bytes: number;
  /** How many events there are, the one that opens the file included. */
  events: number;
  fileVersion: string | null;
  writer: string | null;
  /** When the first and the last event were written, in seconds since 1970. */
  firstTime: number | null;
  lastTime: number | null;
  /** Bytes at the end that are no whole event: somebody writes the file, or was stopped. */
  unread: number;
  series: readonly SeriesDescription[];
}

export type FileDescription =
  | SafetensorsDescription
  | PtDescription
  | TorchScriptDescription
  | NumpyDescription
  | EventsDescription;
