import { existsSync, readdirSync } from "node:fs";
import { basename, extname, join, relative } from "node:path";
import { torch } from "snorkel-torch";

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
