import { expected } from "../../../errors.ts";
import type { Dtype } from "../../dtype.ts";
import { isFloating } from "../../dtype.ts";
import { zerosLike } from "../../generated/functions.ts";
import { pad } from "../../generated/nn.ts";
import type { Tensor } from "../../tensor.ts";

/** Throws unless a tensor has that size; returns it. */
export function checkSize(where: string, name: string, tensor: Tensor, size: readonly number[]): Tensor {
  if (`${tensor.shape}` === `${size}`) return tensor;
  throw expected(where, `[${size}]`, `the size of ${name}`, `[${tensor.shape}]`);
}

/** Checks the numbers of dimensions; true for inputs with a batch. */
export function checkAttentionShapes(
  where: string,
  query: Tensor,
  key: Tensor,
  value: Tensor,
  keyPaddingMask: Tensor | null,
  attnMask: Tensor | null,
): boolean {
  const rank = query.shape.length;
  const check = (name: string, tensor: Tensor | null, ...ranks: number[]) => {
    if (tensor !== null && !ranks.includes(tensor.shape.length))
      throw expected(where, `${ranks.join(" or ")} dimensions`, name, tensor.shape);
  };
  check("query", query, 2, 3);
  check("key", key, rank);
  check("value", value, rank);
  check("keyPaddingMask", keyPaddingMask, rank - 1);
  check("attnMask", attnMask, 2, 3);
  return rank === 3;
}

/** A mask as what is added to the scores: 0, or minus infinity where a boolean one is true. */
export function canonicalMask(where: string, name: string, mask: Tensor | null, dtype: Dtype): Tensor | null {
  if (mask === null || isFloating(mask.dtype)) return mask;
  if (mask.dtype !== "bool") throw expected(where, "a boolean or floating tensor", name, mask.dtype);
  return zerosLike(mask, { dtype }).maskedFill_(mask, Number.NEGATIVE_INFINITY);
}

/**
 * The sum of the masks, as [1 or batch * heads, 1 or targets, sources], or null without any. The last `added` sources were
 * added by the module itself and are never masked.
 */
export function addMasks(
  where: string,
  attnMask: Tensor | null,
  keyPaddingMask: Tensor | null,
  sizes: { batch: number; heads: number; targets: number; sources: number; added: number },
): Tensor | null {
  const { batch, heads, targets, sources, added } = sizes;
  const given = sources - added;
  const extend = (mask: Tensor) => (added > 0 ? pad(mask, [0, added]) : mask);
  let mask: Tensor | null = null;
  if (attnMask !== null) {
    const isShared = attnMask.shape.length === 2;
    checkSize(where, "attnMask", attnMask, isShared ? [targets, given] : [batch * heads, targets, given]);
    mask = extend(isShared ? attnMask.unsqueeze(0) : attnMask);
  }
  if (keyPaddingMask === null) return mask;
  const rows = keyPaddingMask.shape.length === 1 ? keyPaddingMask.unsqueeze(0) : keyPaddingMask;
  const padding = extend(checkSize(where, "keyPaddingMask", rows, [batch, given]))
    .view([batch, 1, 1, sources])
    .expand([-1, heads, -1, -1])
    .reshape([batch * heads, 1, sources]);
  return mask === null ? padding : mask.add(padding);
}
