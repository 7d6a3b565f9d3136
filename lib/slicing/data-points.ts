import { expected } from "../errors.ts";

/** Data points to slice, such as an array of records, or rows that come one by one. */
export type DataPoints<Row> = Iterable<Row> | AsyncIterable<Row>;

/** How many data points there are, where that is known ahead. @throws TypeError for what cannot be gone through. */
export function countPoints(where: string, points: unknown): number | undefined {
  const isIterable =
    typeof points === "object" &&
    points !== null &&
    (Symbol.iterator in points || Symbol.asyncIterator in points);
  if (!isIterable) throw expected(where, "an iterable of data points", "points", points);
  const { length, size } = points as { length?: unknown; size?: unknown };
  return [length, size].find((count) => typeof count === "number");
}

/** All data points in an array: the very one that was given, if it was one. */
export async function listPoints<Row>(where: string, points: DataPoints<Row>): Promise<readonly Row[]> {
  if (Array.isArray(points)) return points;
  countPoints(where, points);
  const list: Row[] = [];
  for await (const point of points) list.push(point);
  return list;
}
