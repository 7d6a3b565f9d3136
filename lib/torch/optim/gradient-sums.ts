import { native } from "../native.ts";
import type { NativeHandle } from "../native-api.ts";
import type { Tensor } from "../tensor.ts";
import type { Optimizer } from "./optimizer.ts";

/**
 * The gradients of batches that are to be applied together, summed as they come: what PyTorch keeps in `grad` where
 * `zero_grad` is left out for some batches. {@link Optimizer.epilogue} fills and empties it.
 */
export class GradientSums {
  /** @internal */
  readonly handle: NativeHandle<"GradientSums">;

  constructor(optimizer: Optimizer) {
    this.handle = native.makeGradientSums(optimizer);
  }

  /** Copies of the sums by the optimizer's parameters; null where no batch has had a gradient since the last update. */
  tensors(): (Tensor | null)[] {
    return native.gradientSumsTensors(this.handle);
  }

  /** Puts copies of other sums in their place. @throws Error unless each fits its parameter; then they stay. */
  load(tensors: readonly (Tensor | null)[]): void {
    native.gradientSumsLoad(this.handle, tensors);
  }

  dispose(): void {
    native.gradientSumsDispose(this.handle);
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}
