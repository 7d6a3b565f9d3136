import type { Dtype } from "../torch/dtype.ts";
import type { PtMaker } from "../torch/pt-maker.ts";
import { elementCount, itemSizes } from "../torch/safetensors-header.ts";
import type { PtTensorDescription } from "./description.ts";

/** A tensor of a file of `torch.save`, before it is known what it is called. */
export class DescribedTensor {
  readonly dtype: Dtype;
  readonly facts: Omit<PtTensorDescription, "name" | "dtype">;

  constructor(dtype: Dtype, facts: Omit<PtTensorDescription, "name" | "dtype">) {
    this.dtype = dtype;
    this.facts = facts;
  }

  named(name: string): PtTensorDescription {
    return { name, dtype: this.dtype, ...this.facts };
  }
}

/** Makes descriptions of the tensors of a file. Their elements are not read. */
export const describingMaker: PtMaker<DescribedTensor> = {
  storage({ key, dtype, count, location }) {
    return new DescribedTensor(dtype, {
      shape: [count],
      stride: [1],
      offset: 0,
      bytes: count * itemSizes[dtype],
      storage: key,
      storageBytes: count * itemSizes[dtype],
      device: location,
      isParameter: false,
      requiresGrad: false,
    });
  },
  async fill() {},
  tensor({ dtype, facts }, { size, stride, offset }, requiresGrad) {
    const bytes = elementCount(size) * itemSizes[dtype];
    return new DescribedTensor(dtype, { ...facts, shape: size, stride, offset, bytes, requiresGrad });
  },
  parameter: ({ dtype, facts }, requiresGrad) =>
    new DescribedTensor(dtype, { ...facts, isParameter: true, requiresGrad }),
  isTensor: (value): value is DescribedTensor => value instanceof DescribedTensor,
  dispose() {},
};
