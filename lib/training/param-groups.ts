import { expected, unknownName } from "../errors.ts";
import type { MultitaskClassifier } from "../model/index.ts";
import { isPlainObject, mergeOptions, number } from "../options.ts";
import type { nn } from "../torch/index.ts";
import type { TrainerConfig } from "./trainer-config.ts";

/** Parameters that are trained with settings of their own. */
export interface ParamGroupConfig {
  /**
   * Modules of the model's pool by name (`"trunk"`), or parts of them (`"trunk.0"`, `"trunk.0.weight"`): the parameters
   * below these are the group.
   */
  modules: readonly string[];
  /** The rate that the schedule starts from. Default: the trainer's. */
  lr?: number;
  /** The coefficient of L2 regularisation. Default: the trainer's. */
  l2?: number;
  /** Whether the parameters stay as they are during `fit`; the other settings then have no effect. Default: false. */
  frozen?: boolean;
}

/** One group of the optimizer, with all settings filled in. */
export interface TrainedGroup {
  /** Those of its parameters that require gradients. */
  parameters: nn.Parameter[];
  lr: number;
  l2: number;
}

/** @throws TypeError for an unknown setting or a value out of its range. */
export function checkParamGroups(where: string, groups: unknown): void {
  if (!Array.isArray(groups)) throw expected(where, "an array of groups", "paramGroups", groups);
  for (const [i, group] of groups.entries()) {
    const name = `${where}.paramGroups[${i}]`;
    const unset = { modules: [], lr: undefined, l2: undefined, frozen: undefined };
    const { modules, lr, l2, frozen } = mergeOptions<object>(name, unset, group) as ParamGroupConfig;
    if (!Array.isArray(modules) || modules.length === 0 || modules.some((part) => typeof part !== "string")) {
      throw expected(name, "names of modules", "modules", isPlainObject(group) ? group.modules : group);
    }
    if (lr !== undefined) number(name, "lr", lr, { min: 0 });
    if (l2 !== undefined) number(name, "l2", l2, { min: 0 });
    if (frozen !== undefined && typeof frozen !== "boolean")
      throw expected(name, "a boolean", "frozen", frozen);
  }
}

/**
 * The model's parameters in groups: first those that no configured group names, then the groups in their order.
 * @throws TypeError for a name that matches no parameter, or a parameter that two groups name.
 */
export function groupParameters(
  config: TrainerConfig,
  model: MultitaskClassifier,
): { groups: TrainedGroup[]; frozen: nn.Parameter[] } {
  const { lr, l2, paramGroups } = config;
  const owners = ownersOf(paramGroups, model);
  const parametersOf = (group: ParamGroupConfig | undefined) =>
    model.parameters().filter((parameter) => owners.get(parameter) === group);
  const trained = [undefined, ...paramGroups].map((group) => ({
    parameters: group?.frozen ? [] : parametersOf(group).filter((parameter) => parameter.requiresGrad),
    lr: group?.lr ?? lr,
    l2: group?.l2 ?? l2,
  }));
  const frozen = paramGroups.filter((group) => group.frozen).flatMap(parametersOf);
  return { groups: trained, frozen: frozen.filter((parameter) => parameter.requiresGrad) };
}

/** The group that names each parameter. */
function ownersOf(
  groups: readonly ParamGroupConfig[],
  model: MultitaskClassifier,
): Map<nn.Parameter, ParamGroupConfig> {
  const where = "Trainer.fit";
  const pooled = model.modulePool.namedParameters();
  const owners = new Map<nn.Parameter, ParamGroupConfig>();
  for (const [i, group] of groups.entries()) {
    for (const [k, name] of group.modules.entries()) {
      const found = pooled.filter(([path]) => path === name || path.startsWith(`${name}.`));
      if (found.length === 0) {
        const known = new Set(pooled.flatMap(([path]) => prefixesOf(path)));
        throw unknownName(where, `paramGroups[${i}].modules[${k}]`, name, known);
      }
      for (const [path, parameter] of found) {
        const owner = owners.get(parameter);
        if (owner !== undefined && owner !== group) {
          const both = `paramGroups[${groups.indexOf(owner)}] and paramGroups[${i}]`;
          throw new TypeError(`[${where}] expected one group for parameter "${path}", got ${both}`);
        }
        owners.set(parameter, group);
      }
    }
  }
  return owners;
}

/** `"a.0.weight"`: "a", "a.0" and itself. */
function prefixesOf(path: string): string[] {
  const parts = path.split(".");
  return parts.map((_, i) => parts.slice(0, i + 1).join("."));
}
