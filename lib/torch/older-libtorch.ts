import { native } from "./native.ts";
import type { Tensor } from "./tensor.ts";

/** What the oldest releases that this package compiles against do not have as operators. */
export const olderMethods = {
  dim(this: Tensor): number {
    return this.shape.length;
  },
  numel(this: Tensor): number {
    return this.shape.reduce((product, size) => product * size, 1);
  },
  storageOffset(this: Tensor): number {
    return native.tensorStorage(this)?.offset ?? 0;
  },
  isContiguous(this: Tensor): boolean {
    const strides = this.stride();
    let expected = 1;
    for (let dim = this.shape.length - 1; dim >= 0; dim--) {
      const size = this.shape[dim] as number;
      if (size !== 1 && strides[dim] !== expected) return this.shape.includes(0);
      expected *= size;
    }
    return true;
  },
};

/** Defines the methods that this LibTorch has no operators for. */
export function defineOlderMethods(prototype: object): void {
  if (hasOperator("numel")) return;
  for (const [name, value] of Object.entries(olderMethods))
    Object.defineProperty(prototype, name, { value, writable: true, configurable: true });
}

function hasOperator(name: string): boolean {
  try {
    native.operator(`Tensor.${name}`, [`aten::${name}`]);
    return true;
  } catch {
    return false;
  }
}
