import { mergeOptions, oneOf } from "../../options.ts";
import type { Tensor } from "../tensor.ts";
import { klDiv } from "./functional/loss.ts";
import { divergenceReductions, reductions } from "./functional/reduction.ts";
import { Module } from "./module.ts";

/** The options that are tensors, by their names in a state dict. */
const stateNames = { weight: "weight", posWeight: "pos_weight" } as const;

/** A loss as a module: its function, with the options it was made with. Weights in them are buffers, which move with it. */
export abstract class Loss<
  Options extends { reduction?: string },
  Inputs extends unknown[] = [input: Tensor, target: Tensor],
> extends Module {
  readonly options: Readonly<Required<Options>>;
  protected readonly compute: (...inputsAndOptions: [...Inputs, Options]) => Tensor;

  constructor(
    where: string,
    compute: (...inputsAndOptions: [...Inputs, Options]) => Tensor,
    defaults: Required<Options>,
    given: Options | undefined,
  ) {
    super();
    const options = mergeOptions<object>(where, defaults, given) as Required<Options>;
    oneOf(
      where,
      "reduction",
      options.reduction,
      (compute as unknown) === klDiv ? divergenceReductions : reductions,
    );
    for (const [name, state] of weightsOf(options))
      this.registerBuffer(state, Reflect.get(options as object, name));
    this.compute = compute;
    this.options = options;
  }

  override forward(...inputs: Inputs): Tensor {
    return this.reduced(this.options.reduction, ...inputs);
  }

  /** The loss by another reduction than its own. */
  reduced(reduction: Options["reduction"], ...inputs: Inputs): Tensor {
    const weights = weightsOf(this.options).map(([name, state]) => [name, Reflect.get(this, state)]);
    return this.compute(...inputs, { ...this.options, reduction, ...Object.fromEntries(weights) });
  }
}

function weightsOf(options: object): [name: string, state: string][] {
  return Object.entries(stateNames).filter(([name]) => name in options);
}
