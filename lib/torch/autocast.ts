import { expected } from "../errors.ts";
import { boolean, mergeOptions, oneOf } from "../options.ts";
import { native } from "./native.ts";
import { runSynchronously } from "./synchronous.ts";

/** How {@link autocast} computes. */
export interface AutocastOptions {
  /** The kind of device whose operators it is about; "cpu" by default. */
  device?: "cpu" | "cuda";
  /** What the operators that allow it compute in; by default "bfloat16" on the CPU and "float16" on CUDA. */
  dtype?: "bfloat16" | "float16" | null;
  /** False switches an outer autocast off; true by default. */
  enabled?: boolean;
  /** Whether a weight is cast once for all operators inside; true by default. */
  cacheEnabled?: boolean;
}

const defaults: Required<AutocastOptions> = { device: "cpu", dtype: null, enabled: true, cacheEnabled: true };

/**
 * Runs a function with operators choosing the dtype that they compute in, as `with torch.autocast(...):` does: products
 * of matrices and convolutions take the lower one, losses and other sums stay in float32. The tensors that go in are
 * left as they are. Call `backward` outside.
 *
 * It is a switch of this thread; however the function ends, it is then as it was.
 *
 * @throws TypeError if the function returns a promise: the switch covers synchronous work only.
 * @see https://pytorch.org/docs/stable/amp.html#torch.autocast
 */
export function autocast<T>(options: AutocastOptions, run: () => T): T {
  const where = "torch.autocast";
  const { device, dtype, enabled, cacheEnabled } = mergeOptions(where, defaults, options);
  oneOf(where, "device", device, ["cpu", "cuda"]);
  if (typeof run !== "function") throw expected(where, "a function", "run", run);
  const target = dtype ?? (device === "cpu" ? "bfloat16" : "float16");
  oneOf(where, "dtype", target, ["bfloat16", "float16"]);
  boolean(where, "enabled", enabled);
  boolean(where, "cacheEnabled", cacheEnabled);
  return native.autocast(device, target, enabled, cacheEnabled, () => runSynchronously(where, run));
}

/** Whether an {@link autocast} is on for a kind of device. */
export function isAutocastEnabled(device: "cpu" | "cuda" = "cpu"): boolean {
  oneOf("torch.isAutocastEnabled", "device", device, ["cpu", "cuda"]);
  return native.isAutocastEnabled(device);
}
