import { expected } from "../../errors.ts";
import { Module } from "./module.ts";
import { Parameter } from "./parameter.ts";
import { parameterLine } from "./representation.ts";

/**
 * Parameters by position, as one module. It has no forward pass of its own.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.ParameterList.html
 */
export class ParameterList extends Module {
  private readonly held: Parameter[] = [];

  constructor(parameters: Iterable<Parameter> = []) {
    super();
    this.extend(parameters);
  }

  append(parameter: Parameter): this {
    if (!(parameter instanceof Parameter))
      throw expected("nn.ParameterList", "a Parameter", `parameter ${this.length}`, parameter);
    this.held.push(parameter);
    return this;
  }

  extend(parameters: Iterable<Parameter>): this {
    for (const parameter of parameters) this.append(parameter);
    return this;
  }

  /** How many parameters there are. */
  get length(): number {
    return this.held.length;
  }

  /** The parameter at a position; negative ones count from the end. */
  at(position: number): Parameter | undefined {
    return this.held.at(position);
  }

  [Symbol.iterator](): Iterator<Parameter> {
    return this.held.values();
  }

  /** @internal */
  protected override ownParameters(): [string, Parameter][] {
    const listed = this.held.map((parameter, i): [string, Parameter] => [String(i), parameter]);
    return [...listed, ...super.ownParameters()];
  }

  override forward(): never {
    throw new TypeError("[nn.ParameterList] expected its parameters to be used, not its forward pass");
  }

  override extraRepr(): string {
    return this.held
      .map((parameter, i) => parameterLine(String(i), parameter, `torch.${parameter.dtype}`))
      .join("\n");
  }
}
