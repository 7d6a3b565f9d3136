import { expected } from "../../errors.ts";
import { Module } from "./module.ts";
import { Parameter } from "./parameter.ts";
import { parameterLine } from "./representation.ts";

/**
 * Parameters by name, as one module. It has no forward pass of its own.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.ParameterDict.html
 */
export class ParameterDict extends Module {
  private readonly held = new Map<string, Parameter>();

  constructor(parameters: Record<string, Parameter> = {}) {
    super();
    for (const [name, parameter] of Object.entries(parameters)) this.set(name, parameter);
  }

  set(name: string, parameter: Parameter): this {
    const where = "nn.ParameterDict";
    if (typeof name !== "string" || name === "" || name.includes("."))
      throw expected(where, "names without dots", "parameters", name);
    if (!(parameter instanceof Parameter))
      throw expected(where, "a Parameter", `parameter ${name}`, parameter);
    this.held.set(name, parameter);
    return this;
  }

  get(name: string): Parameter | undefined {
    return this.held.get(name);
  }

  has(name: string): boolean {
    return this.held.has(name);
  }

  delete(name: string): boolean {
    return this.held.delete(name);
  }

  keys(): IterableIterator<string> {
    return this.held.keys();
  }

  /** How many parameters there are. */
  get size(): number {
    return this.held.size;
  }

  [Symbol.iterator](): Iterator<[string, Parameter]> {
    return this.held.entries();
  }

  /** @internal */
  protected override ownParameters(): [string, Parameter][] {
    return [...this.held, ...super.ownParameters()];
  }

  override forward(): never {
    throw new TypeError("[nn.ParameterDict] expected its parameters to be used, not its forward pass");
  }

  override extraRepr(): string {
    return [...this]
      .map(([name, parameter]) => parameterLine(name, parameter, typeName(parameter)))
      .join("\n");
  }
}

const typeNames = {
  float32: "Float",
  float64: "Double",
  float16: "Half",
  bfloat16: "BFloat16",
  int64: "Long",
  int32: "Int",
  int16: "Short",
  int8: "Char",
  uint8: "Byte",
  bool: "Bool",
};

function typeName(parameter: Parameter): string {
  return `torch.${parameter.device.startsWith("cuda") ? "cuda." : ""}${typeNames[parameter.dtype]}Tensor`;
}
