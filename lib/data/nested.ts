import { isPlainObject } from "../options.ts";
import { Tensor } from "../torch/tensor.ts";

/** Calls a function with each tensor inside arrays and plain objects, however deep. */
export function visitTensors(value: unknown, visit: (tensor: Tensor) => void): void {
  if (value instanceof Tensor) visit(value);
  else if (Array.isArray(value)) for (const element of value) visitTensors(element, visit);
  else if (isPlainObject(value)) for (const element of Object.values(value)) visitTensors(element, visit);
}

/** True if there is a tensor inside arrays and plain objects, however deep. */
export function holdsTensor(value: unknown): boolean {
  if (value instanceof Tensor) return true;
  if (Array.isArray(value)) return value.some(holdsTensor);
  return isPlainObject(value) && Object.values(value).some(holdsTensor);
}
