import { extname } from "node:path";
import { expected } from "../errors.ts";
import type { Tensor } from "../torch/index.ts";

/** Checks that a path names a format of weights that can be read and written, and returns it. */
export function checkFormat(where: string, path: unknown): string {
  if (typeof path === "string" && extname(path) === ".safetensors") return path;
  throw expected(where, "a path that ends in .safetensors", "path", path);
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
