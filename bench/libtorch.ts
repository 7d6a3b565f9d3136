import { torch } from "snorkel-torch";
import { type LibTorch, resolveLibTorch } from "../lib/libtorch/index.ts";

/** The LibTorch that this package was built against, and runs with. */
export function libTorchInUse(): LibTorch {
  return resolveLibTorch({ version: torch.version });
}
