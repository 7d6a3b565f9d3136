import { compareCases, type Goldens } from "./cases.ts";
import type { Row } from "./row.ts";

/** Attention and transformers against what scripts/goldens/attention.py recorded. */
export function compareAttention(goldens: Goldens): Row[] {
  return compareCases(goldens, "module");
}
