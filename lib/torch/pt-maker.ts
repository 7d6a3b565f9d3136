import type { Dtype } from "./dtype.ts";

/** What a file of `torch.save` says of a storage. */
export interface StorageFacts {
  key: string;
  dtype: Dtype;
  /** Its elements. */
  count: number;
  /** The device that it was on: `cpu`, `cuda:0`. */
  location: string;
}

/** Where the elements of a tensor lie in a storage. */
export interface TensorPlace {
  /** In elements, as the strides are. */
  offset: number;
  size: number[];
  stride: number[];
}

/**
 * What becomes of the storages and tensors that a file of `torch.save` names: tensors, or descriptions of them. All that a
 * file says was checked before it comes here.
 */
export interface PtMaker<Made extends { readonly dtype: Dtype }> {
  /** All elements of a storage, in one dimension. @param at - the place in the file, for errors */
  storage(facts: StorageFacts, at: string): Made;
  /** Takes the bytes of a storage. */
  fill(elements: Made, chunks: AsyncIterable<Buffer>): Promise<void>;
  tensor(elements: Made, place: TensorPlace, requiresGrad: boolean): Made;
  parameter(data: Made, requiresGrad: boolean): Made;
  isTensor(value: unknown): value is Made;
  /** Called for what was made where the file turns out to be damaged, and for storages at the end. */
  dispose(made: Made): void;
}
