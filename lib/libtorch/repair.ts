import { sep } from "node:path";
import { cacheFolder } from "./cache.ts";
import type { LibTorch } from "./version.ts";

/**
 * The command that puts a whole LibTorch in place of one that does not open. One in the cache is replaced; another is passed
 * over for one in the cache, unless it was named.
 */
export function repairCommand(
  { folder, flavour }: LibTorch,
  environment: NodeJS.ProcessEnv = process.env,
): string {
  const options = flavour.startsWith("cu") ? " --cuda" : "";
  if (folder.startsWith(cacheFolder(environment) + sep)) return `npx snorkel-torch install${options} --force`;
  const unset = environment.SNORKEL_TORCH_LIBTORCH ? "unset SNORKEL_TORCH_LIBTORCH; " : "";
  return `${unset}npx snorkel-torch install${options}`;
}
