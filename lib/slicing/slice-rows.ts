import { type DataPoints, listPoints } from "./data-points.ts";
import { SFApplier } from "./sf-applier.ts";
import type { SlicingFunction } from "./slicing-function.ts";

/**
 * The data points of a slice, in their order: those of which a slicing function says that they are inside.
 *
 *     console.table(await sliceRows(rows, short));
 *
 * @throws what {@link SFApplier.apply} throws.
 * @see snorkel.slicing.slice_dataframe
 */
export async function sliceRows<Row>(
  rows: DataPoints<Row>,
  slicingFunction: SlicingFunction<never, Row, never>,
): Promise<Row[]> {
  const points = await listPoints("sliceRows", rows);
  const S = await new SFApplier<Row>([slicingFunction]).apply(points);
  return points.filter((_, i) => S[slicingFunction.name]?.[i] === 1);
}
