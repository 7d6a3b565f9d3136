import { expected } from "../../errors.ts";
import { isPlainObject, type Partially } from "../../options.ts";
import { Tensor } from "../tensor.ts";

/**
 * Options that hold for a whole optimizer.
 * @inline
 */
type OptimizerWide = "implementation" | "masterWeights";

/** The options that each group of parameters has of its own. */
export type GroupOptions<Options> = Omit<Options, OptimizerWide>;

/** A group as it is given: parameters, and what differs from the options of the optimizer. */
export type ParamGroupOptions<Options> = Partially<GroupOptions<Options>> & {
  params: Tensor | Iterable<Tensor>;
};

/** What an optimizer is made for: parameters, or groups of them. */
export type OptimizerParameters<Options> = Iterable<Tensor> | Iterable<ParamGroupOptions<Options>>;

/** A group of an optimizer's parameters. Its options can be set: the next step goes by them. */
export type ParamGroup<Options> = GroupOptions<Options> & { readonly params: readonly Tensor[] };

/** The groups that an optimizer was given; parameters by themselves are one. */
export function groupsOf<Options>(
  where: string,
  parameters: OptimizerParameters<Options>,
): ParamGroupOptions<Options>[] {
  const list = listOf<Tensor | ParamGroupOptions<Options>>(where, parameters);
  if (list.length > 0 && list.every(isPlainObject)) return list as ParamGroupOptions<Options>[];
  const group: { params: Iterable<Tensor> } = { params: list as Tensor[] };
  return [group as ParamGroupOptions<Options>];
}

/** A group whose options are what `read` gives, and go through `write` when they are set. */
export function liveGroup<Options extends object>(
  params: readonly Tensor[],
  read: () => GroupOptions<Options>,
  write: (options: GroupOptions<Options>) => void,
): ParamGroup<Options> {
  const group = { params: Object.freeze([...params]) };
  for (const name of Object.keys(read())) {
    Object.defineProperty(group, name, {
      enumerable: true,
      get: () => read()[name as keyof GroupOptions<Options>],
      set: (value: unknown) => write({ ...read(), [name]: value }),
    });
  }
  return Object.freeze(group) as ParamGroup<Options>;
}

/** The elements of an iterable, or the one tensor. */
export function listOf<T = Tensor>(where: string, parameters: Tensor | Iterable<T>): T[] {
  if (parameters instanceof Tensor) return [parameters as T];
  if (typeof parameters !== "object" || parameters === null || !(Symbol.iterator in parameters)) {
    throw expected(where, "tensors", "parameters", parameters, "Pass module.parameters()");
  }
  return [...parameters];
}
