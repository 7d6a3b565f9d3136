import { expected } from "../../errors.ts";
import { checkDevice } from "../device.ts";
import { checkDtype, type Dtype, isFloating } from "../dtype.ts";
import { empty } from "../generated/functions.ts";
import { scope } from "../scope.ts";
import { Parameter } from "./parameter.ts";

/** As what, and where, a module makes its parameters and buffers. */
export interface FactoryOptions {
  /** A floating dtype; float32 by default. */
  dtype?: Dtype | null;
  /** "cpu" by default. */
  device?: string | null;
}

/** The defaults of {@link FactoryOptions}, for those of a module. */
export const factoryDefaults = { dtype: null as Dtype | null, device: null as string | null };

/** Checks the dtype and the device among a module's options; null where there are none. */
export function readFactory(where: string, options: object): typeof factoryDefaults {
  const { dtype = null, device = null } = options as FactoryOptions;
  if (dtype !== null && !isFloating(checkDtype(where, dtype)))
    throw expected(where, "a floating dtype", "dtype", dtype);
  return { dtype, device: device === null ? null : checkDevice(where, device) };
}

/** A parameter whose elements are still to be written. */
export function emptyParameter(shape: readonly number[], factory: typeof factoryDefaults): Parameter {
  return scope(() => {
    const { dtype, device } = factory;
    return new Parameter(empty(shape, { dtype: dtype ?? "float32", device: device ?? "cpu" }));
  });
}
