import type { Tensor } from "../torch/tensor.ts";

/** Features by field name: one example's, or a batch's, where tensors have a leading dimension of examples. */
export type XDict = Record<string, unknown>;

/** Labels by label name. */
export type YDict = Record<string, Tensor>;

/** One example: its features and its labels. */
export type Example = readonly [xDict: XDict, yDict: YDict];

/** Joins examples into one pair of batched features and labels. */
export type Collate = (examples: Example[]) => Example | Promise<Example>;
