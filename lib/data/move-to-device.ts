import { isPlainObject } from "../options.ts";
import { checkDevice } from "../torch/device.ts";
import { Tensor } from "../torch/tensor.ts";

/**
 * Moves the tensors inside arrays and plain objects, however deep, to a device. What needs no move stays the very same
 * object; nothing that was given is changed.
 *
 * @param device - "auto", "cpu", "cuda" or "cuda:N"
 * @throws TypeError for a device that is not there.
 * @see snorkel.classification.utils.move_to_device
 */
export function moveToDevice<T>(value: T, device: string): T {
  return move(value, checkDevice("moveToDevice", device)) as T;
}

function move(value: unknown, device: string): unknown {
  if (value instanceof Tensor) return value.device === device ? value : value.to({ device });
  if (Array.isArray(value)) {
    const moved = value.map((element) => move(element, device));
    return moved.every((element, i) => element === value[i]) ? value : moved;
  }
  if (isPlainObject(value)) {
    const moved = Object.entries(value).map(([key, element]) => [key, move(element, device)] as const);
    return moved.every(([key, element]) => element === value[key]) ? value : Object.fromEntries(moved);
  }
  return value;
}
