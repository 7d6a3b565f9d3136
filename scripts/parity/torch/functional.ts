import { compareCases, type Goldens } from "./cases.ts";
import type { Row } from "./row.ts";

/** Functions without a module against what scripts/goldens/functional.py recorded. */
export function compareFunctional(goldens: Goldens): Row[] {
  return compareCases(goldens, "function");
}
