import { isPlainObject } from "../../options.ts";
import { noGrad } from "../autograd.ts";
import { getRngState, setRngState } from "../random.ts";
import { keep, scope } from "../scope.ts";
import { Tensor } from "../tensor.ts";
import { Parameter } from "./parameter.ts";

/** What knows how to copy itself, with the copies of its parts from the copier. */
interface Copyable {
  copyWith(copier: Copier): object;
}

/** Copies values with all that is in them, each tensor, module, array and plain object once. */
export class Copier {
  readonly #copies = new Map<unknown, unknown>();

  /** The copy of a value: a tensor, a module, an array or a plain object; all others stay what they are. */
  copy<T>(value: T): T {
    if (this.#copies.has(value)) return this.#copies.get(value) as T;
    if (value instanceof Tensor) return this.remember(value, copyTensor(value)) as T;
    if (isCopyable(value)) return value.copyWith(this) as T;
    if (Array.isArray(value)) {
      const made = this.remember<unknown[]>(value, []);
      made.push(...value.map((element) => this.copy(element)));
      return made as T;
    }
    if (!isPlainObject(value)) return value;
    const made = this.remember<Record<string, unknown>>(value, {});
    for (const [name, field] of Object.entries(value)) made[name] = this.copy(field);
    return made as T;
  }

  /** Notes the copy of a value, before its parts are copied: they may lead back to it. Returns it. */
  remember<T>(value: T, made: T): T {
    this.#copies.set(value, made);
    return made;
  }
}

/** A copy of a value with all that is in it. The generator stays as it is, although modules draw when they are made. */
export function deepCopy<T>(value: T): T {
  return scope(() => {
    const before = getRngState();
    try {
      return new Copier().copy(value);
    } finally {
      setRngState(before);
    }
  });
}

function isCopyable(value: unknown): value is Copyable {
  return typeof value === "object" && value !== null && "copyWith" in value;
}

function copyTensor(tensor: Tensor): Tensor {
  const data = noGrad(() => tensor.detach().clone());
  if (tensor instanceof Parameter) return new Parameter(data, { requiresGrad: tensor.requiresGrad });
  return keep(data.requiresGrad_(tensor.requiresGrad));
}
