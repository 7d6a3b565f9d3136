import { expected } from "../../errors.ts";
import { isPlainObject, mergeOptions } from "../../options.ts";
import { checkDevice } from "../device.ts";
import { checkDtype, type Dtype, dtypes, isFloating } from "../dtype.ts";

/** Where a module goes: a dtype for its floating tensors, a device for all of them. */
export interface ModuleTarget {
  device?: string;
  dtype?: Dtype;
}

/** Checks where a module is to go. */
export function readTarget(target: ModuleTarget | string): ModuleTarget {
  const where = "Module.to";
  if (typeof target === "string") {
    return readTarget(dtypes.includes(target as Dtype) ? { dtype: target as Dtype } : { device: target });
  }
  if (!isPlainObject(target)) throw expected(where, "a device, a dtype or options", "target", target);
  const { device, dtype } = mergeOptions<{ device: string | null; dtype: Dtype | null }>(
    where,
    { device: null, dtype: null },
    target,
  );
  if (dtype !== null && !isFloating(checkDtype(where, dtype)))
    throw expected(where, "a floating dtype", "dtype", dtype);
  return { device: device === null ? undefined : checkDevice(where, device), dtype: dtype ?? undefined };
}
