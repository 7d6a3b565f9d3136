import { expected } from "../../../errors.ts";
import { cat } from "../../generated/functions.ts";
import { native } from "../../native.ts";
import { scope } from "../../scope.ts";
import { Tensor } from "../../tensor.ts";

function readParameters(where: string, parameters: Iterable<Tensor>): Tensor[] {
  const list = [...parameters];
  const [first] = list;
  for (const [i, parameter] of list.entries()) {
    if (!(parameter instanceof Tensor)) throw expected(where, "a Tensor", `parameters[${i}]`, parameter);
    if (parameter.device !== first?.device)
      throw expected(where, "parameters on one device", `parameters[${i}]`, parameter.device);
  }
  return list;
}

/**
 * All elements of parameters in one dimension.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.utils.parameters_to_vector.html
 */
export function parametersToVector(parameters: Iterable<Tensor>): Tensor {
  const list = readParameters("nn.utils.parametersToVector", parameters);
  return cat(list.map((parameter) => parameter.view([-1])));
}

/**
 * Makes the elements of a vector those of parameters, one after the other. They share its memory from then on.
 *
 * @throws TypeError if the vector has not as many elements as the parameters, before anything changed.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.utils.vector_to_parameters.html
 */
export function vectorToParameters(vector: Tensor, parameters: Iterable<Tensor>): void {
  const where = "nn.utils.vectorToParameters";
  if (!(vector instanceof Tensor)) throw expected(where, "a Tensor", "vector", vector);
  const list = readParameters(where, parameters);
  const count = list.reduce((sum, parameter) => sum + parameter.numel(), 0);
  if (String(vector.shape) !== String(count))
    throw expected(where, `${count} elements in one dimension`, "vector", `one of size [${vector.shape}]`);
  scope(() => {
    let start = 0;
    for (const parameter of list) {
      const elements = vector.detach().narrow(0, start, parameter.numel());
      native.tensorSetData(parameter, elements.view(parameter.shape));
      start += parameter.numel();
    }
  });
}
