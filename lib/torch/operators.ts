import { methodSchemas, selfPositions } from "./generated/tensor-methods.ts";
import { native } from "./native.ts";
import type { NativeOperator } from "./native-api.ts";

/**
 * A function that calls the ATen operators of these names (`aten::add.Tensor`), whichever fits first; looked up at its
 * first call. Arguments go by position, those that are left by name in a last object literal. Its errors begin with
 * `[torch.NAME]`.
 */
export function operator<F = NativeOperator>(name: string, schemas: readonly string[]): F {
  let call: NativeOperator | null = null;
  return ((...args: unknown[]) => {
    call ??= native.operator(name, schemas);
    return call(...args);
  }) as F;
}

/** Defines the methods of the generated interface TensorMethods. */
export function defineTensorMethods(prototype: object): void {
  for (const [name, schemas] of Object.entries(methodSchemas)) {
    const value = method(operator(`Tensor.${name}`, schemas), selfPositions[name] ?? 0);
    Object.defineProperty(prototype, name, { value, writable: true, configurable: true });
  }
}

function method(call: NativeOperator, position: number): (this: unknown, ...args: unknown[]) => unknown {
  if (position === 0) {
    return function (...args) {
      return call(this, ...args);
    };
  }
  return function (...args) {
    return call(...args.slice(0, position), this, ...args.slice(position));
  };
}
