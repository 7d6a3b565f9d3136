import { operator } from "../torch/operators.ts";
import { scope } from "../torch/scope.ts";
import type { Tensor } from "../torch/tensor.ts";

/** What Snorkel takes for "no label". */
const abstain = -1;

const versionOf = operator("_version", ["aten::_version"]);
const known = new WeakMap<Tensor, { version: unknown; rows: Uint8Array }>();

/**
 * Which rows of a label are labelled, 1 or 0 each: those that have an element other than -1.
 *
 * A label is read from its device once, and again only after it was changed in place.
 *
 * @param label - `[n]` or `[n, ...]`, of any dtype
 */
export function activeRows(label: Tensor): Uint8Array {
  const version = versionOf(label);
  const before = known.get(label);
  if (before !== undefined && before.version === version) return before.rows;
  const rows = readActiveRows(label);
  known.set(label, { version, rows });
  return rows;
}

/** How many rows of a label are labelled: of all, or of those at the given positions. */
export function countActive(label: Tensor, positions?: Int32Array): number {
  const rows = activeRows(label);
  let count = 0;
  for (const i of positions ?? rows.keys()) count += rows[i] as number;
  return count;
}

function readActiveRows(label: Tensor): Uint8Array {
  return scope(() => {
    const isLabel = label.ne(abstain);
    const active = label.shape.length > 1 ? isLabel.flatten(1).any(1) : isLabel;
    return active.toTypedArray() as Uint8Array;
  });
}
