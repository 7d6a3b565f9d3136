import type { DataLoader } from "../data/index.ts";

/** How losses and messages call the data of a loader: "penguins/train". */
export function sourceOf({ dataset }: DataLoader): string {
  return `${dataset.name}/${dataset.split}`;
}
