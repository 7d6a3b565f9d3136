import { expected } from "../errors.ts";
import { noGrad } from "./autograd.ts";
import { checkDevice } from "./device.ts";
import { Parameter } from "./nn/parameter.ts";
import { operator } from "./operators.ts";
import type { PtMaker } from "./pt-maker.ts";
import { scope } from "./scope.ts";
import { Tensor } from "./tensor.ts";
import { fill } from "./tensor-bytes.ts";

const empty = operator<(shape: number[], options: object) => Tensor>("empty", ["aten::empty.memory_format"]);
const asStrided = operator<(tensor: Tensor, size: number[], stride: number[], offset: number) => Tensor>(
  "asStrided",
  ["aten::as_strided"],
);

/**
 * Makes the tensors of a file.
 *
 * @param mapLocation - the device for all storages; null for those on which they were
 */
export function tensorMaker(where: string, mapLocation: string | null): PtMaker<Tensor> {
  return {
    storage({ dtype, count, location }, at) {
      const device = mapLocation ?? deviceOf(where, location, at);
      return empty([count], { dtype, device });
    },
    fill: (elements, chunks) => fill(where, elements, chunks),
    tensor(elements, { size, stride, offset }, requiresGrad) {
      const tensor = noGrad(() => scope(() => asStrided(elements, size, stride, offset).detach()));
      if (requiresGrad) tensor.requiresGrad = true;
      return tensor;
    },
    parameter: (data, requiresGrad) => new Parameter(data, { requiresGrad }),
    isTensor: (value) => value instanceof Tensor,
    dispose: (tensor) => tensor.dispose(),
  };
}

function deviceOf(where: string, location: string, at: string): string {
  const remedy = 'Load it with { mapLocation: "cpu" }';
  if (!/^(cpu|cuda(:\d+)?)$/.test(location)) {
    throw expected(where, "storages of cpu or cuda", at, location, remedy);
  }
  try {
    return checkDevice(where, location);
  } catch {
    throw expected(where, "storages of a device that is there", at, location, remedy);
  }
}
