import { compareCases, type Goldens } from "./cases.ts";
import type { Row } from "./row.ts";

/** The focal losses are compared with plain formulas, which round in another order. */
const bounds = { FocalLoss: 1e-6 };

/** The losses of torch.nn against what scripts/goldens/losses.py recorded. */
export function compareLosses(goldens: Goldens): Row[] {
  return compareCases(goldens, "loss", bounds);
}
