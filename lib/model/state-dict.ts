import { extname } from "node:path";
import { expected } from "../errors.ts";
import { isPlainObject } from "../options.ts";
import { load, loadSafetensors, save, saveSafetensors, Tensor } from "../torch/index.ts";

const extensions = [".safetensors", ".pt", ".pth"];

/** Writes weights in the format that the path names by its extension. */
export async function saveWeights(
  where: string,
  path: string,
  weights: Record<string, Tensor>,
): Promise<void> {
  if (extensionOf(where, path) === ".safetensors") await saveSafetensors(path, weights);
  else await save(weights, path);
}

/** Reads weights, to the CPU, from the format that the path names by its extension. */
export async function loadWeights(where: string, path: string): Promise<Record<string, Tensor>> {
  if (extensionOf(where, path) === ".safetensors") return loadSafetensors(path);
  const loaded = await load(path, { mapLocation: "cpu" });
  if (!isPlainObject(loaded)) throw expected(where, "a state dict", path, loaded);
  const [name, other] = Object.entries(loaded).find(([, value]) => !(value instanceof Tensor)) ?? [];
  if (name === undefined) return loaded as Record<string, Tensor>;
  const remedy = "Where the weights are a part of what was saved, take them out with torch.load";
  throw expected(where, `a tensor for ${JSON.stringify(name)}`, path, other, remedy);
}

function extensionOf(where: string, path: unknown): string {
  const extension = typeof path === "string" ? extname(path) : "";
  if (extensions.includes(extension)) return extension;
  throw expected(where, "a path that ends in .safetensors, .pt or .pth", "path", path);
}

/**
 * The weights under the names that a model knows. Python's DataParallel puts a `module.` into names, once for each time
 * that it wrapped a module; names that fit only without it lose it.
 */
export function matchNames(
  dict: Readonly<Record<string, Tensor>>,
  known: readonly string[],
): Record<string, Tensor> {
  const names = new Set(known);
  const withoutWrappers = (name: string) =>
    name
      .split(".")
      .filter((part) => part !== "module")
      .join(".");
  return Object.fromEntries(
    Object.entries(dict).map(([name, tensor]) => [names.has(name) ? name : withoutWrappers(name), tensor]),
  );
}
