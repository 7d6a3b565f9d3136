import { operator } from "../../operators.ts";
import type { Tensor } from "../../tensor.ts";

const linearOperator = operator("nn.functional.linear", ["aten::linear"]);
const bilinearOperator = operator("nn.functional.bilinear", ["aten::bilinear"]);

/**
 * `input weight^T + bias`.
 * @param input - [..., inFeatures]
 * @param weight - [outFeatures, inFeatures]
 * @param bias - [outFeatures]
 */
export function linear(input: Tensor, weight: Tensor, bias: Tensor | null = null): Tensor {
  return linearOperator(input, weight, bias) as Tensor;
}

/** `input1^T weight input2 + bias`, with a weight of [outFeatures, in1Features, in2Features]. */
export function bilinear(input1: Tensor, input2: Tensor, weight: Tensor, bias: Tensor | null = null): Tensor {
  return bilinearOperator(input1, input2, weight, bias) as Tensor;
}
