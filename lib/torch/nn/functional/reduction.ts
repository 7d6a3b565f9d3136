import { oneOf } from "../../../options.ts";
import type { Tensor } from "../../tensor.ts";
import type { Reduction } from "./loss-options.ts";

export const reductions: readonly Reduction[] = ["none", "mean", "sum"];

export const divergenceReductions = [...reductions, "batchmean"] as const;

/** ATen's number for a reduction. */
export function reductionNumber(where: string, reduction: unknown): number {
  return reductions.indexOf(oneOf(where, "reduction", reduction, reductions));
}

/** Losses of single elements, reduced. */
export function reduce(where: string, losses: Tensor, reduction: Reduction): Tensor {
  oneOf(where, "reduction", reduction, reductions);
  if (reduction === "none") return losses;
  return reduction === "sum" ? losses.sum() : losses.mean();
}
