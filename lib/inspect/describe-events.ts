import type { FileHandle } from "node:fs/promises";
import { readEvent } from "../logging/read-event.ts";
import { readRecords } from "../logging/tf-record.ts";
import type { EventsDescription, SeriesDescription } from "./description.ts";

/** Says which series an event file of TensorBoard holds. */
export async function describeEvents(
  file: FileHandle,
  path: string,
  bytes: number,
): Promise<EventsDescription> {
  const series = new Map<string, SeriesDescription>();
  const opening = { fileVersion: null as string | null, writer: null as string | null };
  const times: { first: number | null; last: number | null } = { first: null, last: null };
  let [events, read] = [0, 0];
  for await (const { data, end } of readRecords(file, bytes)) {
    const { wallTime, step, fileVersion, writer, values } = readEvent(data);
    events += 1;
    read = end;
    times.first ??= wallTime;
    times.last = wallTime;
    opening.fileVersion ??= fileVersion;
    opening.writer ??= writer;
    for (const { tag, plugin, value } of values) {
      const known = series.get(tag);
      series.set(tag, {
        ...(known ?? { tag, plugin, firstStep: step, first: value }),
        count: (known?.count ?? 0) + 1,
        lastStep: step,
        last: value,
      });
    }
  }
  return {
    format: "TensorBoard events",
    path,
    bytes,
    events,
    ...opening,
    firstTime: times.first,
    lastTime: times.last,
    unread: bytes - read,
    series: [...series.values()],
  };
}
