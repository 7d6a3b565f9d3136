import assert from "node:assert/strict";
import type { Tensor } from "../../lib/torch/index.ts";

// The losses of up to 8 rows are summed in another order, since rows without a label take part as zeros: two sums of positive
// numbers are at most 2 * 7 roundings of 2^-24 apart.
export const bounds = {
  foreach: { losses: 2 * 7 * 2 ** -24, weights: 0 },
  fused: { losses: 1e-5, weights: 1e-5 },
};

/** The losses of one batch, `label/dataset/split/loss`, by label. */
export function lossesByLabel(losses: Record<string, number>): Record<string, number> {
  const ofLabels = Object.entries(losses).filter(([name]) => !name.startsWith("model/"));
  return Object.fromEntries(ofLabels.map(([name, loss]) => [name.split("/")[0] ?? name, loss]));
}

export function numbers(tensor: Tensor): number[] {
  return Array.from(tensor.toTypedArray(), Number);
}

export function assertClose(actual: number[], expected: number[], tolerance: number, what: string): void {
  assert.equal(actual.length, expected.length, what);
  const scale = Math.max(...expected.map(Math.abs));
  expected.forEach((value, i) => {
    const difference = Math.abs((actual[i] ?? Number.NaN) - value);
    assert.ok(difference <= tolerance * scale, `${what}, element ${i}: ${actual[i]}, not ${value}`);
  });
}
