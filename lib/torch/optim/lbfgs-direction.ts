import type { Tensor } from "../tensor.ts";
import type { LBFGSHistory } from "./lbfgs-state.ts";
import { isLess } from "./weak-scalar.ts";

/** Takes the last change of the gradient into the history, and finds the direction to go from here. */
export function advance(
  last: LBFGSHistory | null,
  gradient: Tensor,
  loss: number,
  historySize: number,
): Omit<LBFGSHistory, "t"> {
  const here = { prev_flat_grad: gradient.clone(), prev_loss: loss };
  if (last === null) return { ...here, d: gradient.neg(), old_dirs: [], old_stps: [], ro: [], H_diag: 1 };
  let { old_dirs, old_stps, ro, H_diag } = last;
  const y = gradient.sub(last.prev_flat_grad);
  const s = last.d.mul(last.t);
  const ys = y.dot(s);
  if (isLess(1e-10, ys)) {
    const from = old_dirs.length === historySize ? 1 : 0;
    old_dirs = [...old_dirs.slice(from), y];
    old_stps = [...old_stps.slice(from), s];
    ro = [...ro.slice(from), ys.reciprocal()];
    H_diag = ys.div(y.dot(y));
  }
  const at = <T>(list: readonly T[], i: number) => list[i] as T;
  const al: Tensor[] = [];
  const q = gradient.neg();
  for (let i = old_dirs.length - 1; i >= 0; i--) {
    const share = at(old_stps, i).dot(q).mul(at(ro, i));
    al[i] = share;
    q.add_(at(old_dirs, i), { alpha: -share.item() });
  }
  const d = q.mul(H_diag);
  for (let i = 0; i < old_dirs.length; i++) {
    const share = at(old_dirs, i).dot(d).mul(at(ro, i));
    d.add_(at(old_stps, i), { alpha: at(al, i).sub(share).item() });
  }
  return { ...here, d, old_dirs, old_stps, ro, H_diag };
}
