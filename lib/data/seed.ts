import { manualSeed, type Seed } from "../torch/random.ts";
import { pythonRandom } from "./python-random.ts";

/**
 * Seeds everything that training draws from, as `torch.manual_seed(n); random.seed(n)` does in Python: the same seed
 * gives the same initial weights, orders of examples and batches, and dropout.
 *
 * These generators belong to the process: of two trainers that run at once, each changes what the other draws.
 *
 * @throws TypeError for a seed that is no integer, before either generator is changed.
 */
export function seedEverything(seed: Seed): void {
  manualSeed(seed);
  pythonRandom.seed(seed);
}
