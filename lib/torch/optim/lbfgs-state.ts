import { expected } from "../../errors.ts";
import { isPlainObject, number } from "../../options.ts";
import { noGrad } from "../autograd.ts";
import type { Dtype } from "../dtype.ts";
import { Tensor } from "../tensor.ts";
import type { ParameterGroup } from "./optimizer.ts";
import type { WeakScalar } from "./weak-scalar.ts";

/** What L-BFGS remembers of its last iterations, by PyTorch's names; all parameters as one vector. */
export interface LBFGSHistory {
  /** The last direction, and how far along it. */
  d: Tensor;
  t: WeakScalar;
  /** Changes of the gradient, the steps that made them, and the reciprocals of their products; oldest first. */
  old_dirs: readonly Tensor[];
  old_stps: readonly Tensor[];
  ro: readonly Tensor[];
  /** The scale of the first estimate of the inverse Hessian. */
  H_diag: WeakScalar;
  prev_flat_grad: Tensor;
  prev_loss: number;
}

export interface LBFGSState {
  func_evals: number;
  n_iter: number;
  /** Null before the first iteration. */
  history: LBFGSHistory | null;
}

/** What PyTorch's `LBFGS.state_dict()` holds, in Python's spelling, so that it can travel both ways. */
export interface LBFGSStateDict {
  /** Under 0; absent before the first step. */
  state: Record<number, { func_evals: number; n_iter: number } & Partial<LBFGSHistory>>;
  param_groups: ParameterGroup[];
}

/** The state as it is in a state dict. Its tensors share their memory with the optimizer's. */
export function writeState({ func_evals, n_iter, history }: LBFGSState): LBFGSStateDict["state"][number] {
  if (history === null) return { func_evals, n_iter };
  const views = mapTensors(history, (tensor) => tensor.detach());
  return { func_evals, n_iter, ...views };
}

/**
 * A copy of the state in a state dict, for parameters of that many elements.
 * @throws TypeError naming the entry that does not fit.
 */
export function readState(where: string, saved: unknown, elements: number, dtype: Dtype): LBFGSState {
  if (!isPlainObject(saved)) throw expected(where, "an object", "state[0]", saved);
  const count = (name: string) => number(where, name, saved[name], { min: 0, integer: true });
  const vector = (name: string, value: unknown) => {
    if (value instanceof Tensor && value.shape.length === 1 && value.shape[0] === elements) return value;
    throw expected(
      where,
      `a tensor of shape [${elements}]`,
      name,
      value instanceof Tensor ? value.shape : value,
    );
  };
  const scalar = (name: string, value: unknown): Tensor => {
    if (value instanceof Tensor && value.shape.length === 0) return value;
    throw expected(where, "a tensor without dimensions", name, value);
  };
  const weak = (name: string): WeakScalar =>
    typeof saved[name] === "number" ? saved[name] : scalar(name, saved[name]);
  const loss = (name: string): number => {
    if (typeof saved[name] === "number") return saved[name];
    throw expected(where, "a number", name, saved[name]);
  };
  const list = (name: string, read: (name: string, value: unknown) => Tensor, length?: number) => {
    const values: unknown = saved[name];
    if (Array.isArray(values) && values.length === (length ?? values.length)) {
      return values.map((value, i) => read(`${name}[${i}]`, value));
    }
    throw expected(where, length === undefined ? "an array" : `${length} tensors`, name, values);
  };
  const state = { func_evals: count("func_evals"), n_iter: count("n_iter"), history: null };
  if (saved.d === undefined || saved.d === null) return state;
  const oldDirs = list("old_dirs", vector);
  const history: LBFGSHistory = {
    d: vector("d", saved.d),
    t: weak("t"),
    old_dirs: oldDirs,
    old_stps: list("old_stps", vector, oldDirs.length),
    ro: list("ro", scalar, oldDirs.length),
    H_diag: weak("H_diag"),
    prev_flat_grad: vector("prev_flat_grad", saved.prev_flat_grad),
    prev_loss: loss("prev_loss"),
  };
  return {
    ...state,
    history: noGrad(() => mapTensors(history, (tensor) => tensor.detach().to({ dtype, copy: true }))),
  };
}

/** All tensors of a state. */
export function tensorsOf(state: LBFGSState | null): Tensor[] {
  return Object.values(state?.history ?? {})
    .flat()
    .filter((value) => value instanceof Tensor);
}

function mapTensors(history: LBFGSHistory, map: (tensor: Tensor) => Tensor): LBFGSHistory {
  const one = (value: unknown): unknown =>
    value instanceof Tensor ? map(value) : Array.isArray(value) ? value.map(one) : value;
  return Object.fromEntries(
    Object.entries(history).map(([name, value]) => [name, one(value)]),
  ) as unknown as LBFGSHistory;
}
