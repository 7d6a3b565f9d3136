import { existsSync, readdirSync } from "node:fs";
import { basename, extname, join, relative } from "node:path";
import { torch } from "snorkel-torch";
import { decode, readRecords } from "../../../test/logging/read-event-file.ts";

/** All files below a folder, by their paths from there. */
export function listFiles(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .sort();
}

/** A checkpoint's name without `.pth` or `.safetensors`, and an event file's without what the clock adds to it. */
export function withoutExtension(path: string): string {
  return path.replace(/\.(pth|safetensors|json)$/, "").replace(/(events\.out\.tfevents)\..*$/, "$1");
}

/** The checkpoints in a folder by name, those of Python read here. */
export async function readCheckpoints(folder: string): Promise<Record<string, Record<string, torch.Tensor>>> {
  const checkpoints: Record<string, Record<string, torch.Tensor>> = {};
  for (const file of listFiles(folder)) {
    const path = join(folder, file);
    const weights =
      extname(file) === ".pth"
        ? ((await torch.load(path)) as Record<string, torch.Tensor>)
        : await torch.loadSafetensors(path);
    checkpoints[withoutExtension(basename(file))] = withoutWrappers(weights);
  }
  return checkpoints;
}

/** Without the `module.` of Python's DataParallel. */
export function withoutWrappers<T>(weights: Record<string, T>): Record<string, T> {
  return Object.fromEntries(
    Object.entries(weights).map(([name, tensor]) => [name.replaceAll(".module.", "."), tensor]),
  );
}

/** The scalars in TensorBoard's event files of a folder, by name: pairs of step and float32. */
export function readScalars(folder: string): Record<string, [step: number, value: number][]> {
  const scalars: Record<string, [number, number][]> = {};
  for (const file of listFiles(folder).filter((name) => name.startsWith("events.out.tfevents")))
    for (const { event } of readRecords(join(folder, file))) {
      const [step = 0n] = event.get(fieldOf.step) ?? [];
      for (const summary of event.get(fieldOf.summary) ?? [])
        for (const value of decode(summary as Buffer).get(1) ?? []) {
          const fields = decode(value as Buffer);
          const [[name], [scalar]] = [fields.get(1) ?? [], fields.get(2) ?? []];
          if (scalar === undefined) continue;
          const series = scalars[String(name)] ?? [];
          series.push([Number(step), (scalar as Buffer).readFloatLE()]);
          scalars[String(name)] = series;
        }
    }
  return scalars;
}

/** The numbers of an event's fields in its protobuf message. */
const fieldOf = { step: 2, summary: 5 };
