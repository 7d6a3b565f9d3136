import type { FileHandle } from "node:fs/promises";
import { readPt } from "../torch/pt-file.ts";
import type { ZipEntry } from "../torch/zip-reader.ts";
import type { PtDescription, PtTensorDescription, TorchScriptDescription } from "./description.ts";
import { DescribedTensor, describingMaker } from "./pt-descriptions.ts";

/** Says what a file of `torch.save` holds. As `torch.load` does it executes nothing, and it reads no elements. */
export async function describePt(
  where: string,
  file: FileHandle,
  path: string,
  bytes: number,
): Promise<PtDescription> {
  const { tensors, values } = takeApart(await readPt(where, file, bytes, describingMaker));
  const storages = new Map(tensors.map((tensor) => [tensor.storage, tensor.storageBytes]));
  const storageBytes = [...storages.values()].reduce((sum, size) => sum + size, 0);
  return { format: "torch.save", path, bytes, tensors, storageBytes, values };
}

/**
 * The tensors and the other values in nested dictionaries and lists, by their places. Lists without tensors and
 * dictionaries stay whole. What occurs in several places is taken apart in the first: there may be very many.
 */
function takeApart(root: unknown): {
  tensors: PtTensorDescription[];
  values: { name: string; value: unknown }[];
} {
  const tensors: PtTensorDescription[] = [];
  const values: { name: string; value: unknown }[] = [];
  const seen = new Map<object, string>();
  // Nested as deep as a file likes, so that it is a list of what is left to do.
  const left: { name: string; value: unknown }[] = [{ name: "", value: root }];
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    const { name, value } = next;
    if (value instanceof DescribedTensor) tensors.push(value.named(name));
    else if (typeof value !== "object" || value === null) values.push(next);
    else if (seen.has(value)) values.push({ name, value: `as ${seen.get(value) || "the whole"}` });
    else {
      seen.set(value, name);
      if (isPlainList(value)) values.push(next);
      else left.push(...itemsOf(name, value).reverse());
    }
  }
  return { tensors, values };
}

/** Dictionaries in dictionaries may be as deep as a file likes: longer places lose their beginning. */
const longestPlace = 2000;

function itemsOf(name: string, value: object): { name: string; value: unknown }[] {
  const start = name.length > longestPlace ? `...${name.slice(-longestPlace)}` : name;
  const prefix = start === "" ? "" : `${start}.`;
  return Object.entries(value).map(([key, item]) => ({ name: `${prefix}${key}`, value: item }));
}

/** Whether it is an empty dictionary, or a list of no more than numbers and texts. */
function isPlainList(value: object): boolean {
  if (!Array.isArray(value)) return Object.keys(value).length === 0;
  return value.every((item) => typeof item !== "object" || item === null);
}

/** A TorchScript file holds a program; its tensors have names only where that runs. */
export function describeTorchScript(
  entries: Iterable<ZipEntry>,
  path: string,
  bytes: number,
): TorchScriptDescription {
  const records = [...entries].map(({ name, size }) => ({
    name: name.slice(name.indexOf("/") + 1),
    bytes: size,
  }));
  return { format: "TorchScript", path, bytes, tensors: [], records };
}
