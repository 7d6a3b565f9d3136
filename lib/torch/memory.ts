import { native } from "./native.ts";

/**
 * What JavaScript objects of this thread hold: how many live tensors, and the bytes of the distinct storages below them.
 * Memory that only modules, optimizers or the autograd graph hold is not in it.
 */
export function memory(): { tensors: number; bytes: number } {
  return native.memory();
}
