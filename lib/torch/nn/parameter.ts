import { expected } from "../../errors.ts";
import { native } from "../native.ts";
import { keep } from "../scope.ts";
import { Tensor } from "../tensor.ts";

/**
 * A tensor that a module learns: as a property of a module it is one of its `parameters()`, and part of its state dict.
 * It shares the memory of the tensor that it is made from, and outlives every `torch.scope`.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.parameter.Parameter.html
 */
export class Parameter extends Tensor {
  /**
   * @param options.requiresGrad - true by default; only floating tensors can
   * @throws TypeError if the data is not a tensor.
   */
  constructor(data: Tensor, options: { requiresGrad?: boolean } = {}) {
    super();
    keep(this);
    if (!(data instanceof Tensor)) throw expected("nn.Parameter", "a Tensor", "data", data);
    native.tensorAdopt(this, data);
    native.setRequiresGrad(this, options.requiresGrad ?? true);
  }

  override toString(): string {
    return `Parameter containing:\n${super.toString()}`;
  }
}

/**
 * The parameter that is the very tensor given, not an alias of it: the one that a TorchScript program holds, perhaps in
 * several places.
 */
export function parameterOf(tensor: Tensor): Parameter {
  // Without the constructor, which makes an alias.
  const parameter: Parameter = Object.create(Parameter.prototype);
  native.tensorShare(parameter, tensor);
  return parameter;
}
