import { expected } from "../../errors.ts";
import { isPlainObject, mergeOptions, type Partially } from "../../options.ts";
import { enableGrad, noGrad } from "../autograd.ts";
import { isFloating } from "../dtype.ts";
import { cat, zerosLike } from "../generated/functions.ts";
import { keep, scope } from "../scope.ts";
import { runSynchronously } from "../synchronous.ts";
import { Tensor } from "../tensor.ts";
import { advance } from "./lbfgs-direction.ts";
import {
  checkOptions,
  defaults,
  evaluationLimit,
  type LBFGSOptions,
  readOptions,
  where,
  writeOptions,
} from "./lbfgs-options.ts";
import { type LBFGSState, type LBFGSStateDict, readState, tensorsOf, writeState } from "./lbfgs-state.ts";
import { listOf } from "./param-groups.ts";
import { type LinePoint, type LineSearch, strongWolfe } from "./strong-wolfe.ts";
import { isAtMost, isLess, min, mul, toNumber, type WeakScalar } from "./weak-scalar.ts";

/**
 * L-BFGS: goes along directions that it learns from changes of the gradient, over all parameters as one vector.
 *
 * Unlike the other optimizers it calls for the gradients itself, several times a step, by a closure. So it has neither
 * `epilogue` nor parameter groups, and a Trainer cannot use it. Its history lies in as many vectors as `historySize`, twice.
 *
 *     optimizer.step(() => {
 *       optimizer.zeroGrad();
 *       const loss = nn.functional.mseLoss(model.forward(x), y);
 *       loss.backward();
 *       return loss;
 *     });
 *
 * @see https://pytorch.org/docs/stable/generated/torch.optim.LBFGS.html
 */
export class LBFGS {
  readonly parameters: readonly Tensor[];
  #options: LBFGSOptions;
  #state: LBFGSState | null = null;

  /**
   * @throws TypeError for an unknown option or a value out of its range, and unless the parameters are one or more
   *   distinct leaf tensors of one floating dtype and device.
   */
  constructor(parameters: Iterable<Tensor>, options?: Partially<LBFGSOptions>) {
    this.#options = checkOptions(mergeOptions(where, defaults, options));
    this.parameters = checkParameters(listOf(where, parameters));
  }

  get lr(): number {
    return this.#options.lr;
  }

  set lr(lr: number) {
    this.#options = checkOptions({ ...this.#options, lr });
  }

  /**
   * Does up to `maxIter` iterations. The closure clears the gradients, computes the loss and calls `backward`.
   *
   * @returns what the closure returned first.
   * @throws TypeError for a closure that is no function, returns a promise, or returns no loss.
   */
  step<Loss extends Tensor | number>(closure: () => Loss): Loss {
    if (typeof closure !== "function") throw expected(where, "a function", "closure", closure);
    const evaluate = () => enableGrad(() => runSynchronously("optim.LBFGS.step", closure));
    return noGrad(() => {
      const loss = evaluate();
      this.#minimize(lossOf(loss), () => lossOf(evaluate()));
      return loss;
    });
  }

  #minimize(firstLoss: number, evaluate: () => number): void {
    const { lr, maxIter, toleranceGrad, toleranceChange, historySize, lineSearchFn } = this.#options;
    const limit = evaluationLimit(this.#options);
    const state = { ...(this.#state ?? { func_evals: 0, n_iter: 0, history: null }) };
    const isFlat = (gradient: Tensor) => isAtMost(gradient.abs().max(), toleranceGrad);
    let loss = firstLoss;
    let gradient = this.#flatGradient();
    let isDone = isFlat(gradient);
    let evaluations = 1;

    for (let iteration = 1; iteration <= maxIter && !isDone; iteration++) {
      const last = state.history;
      const first = last === null ? min(1, gradient.abs().sum().reciprocal()) : 1;
      const history = scope(() => advance(last, gradient, loss, historySize));
      const { d } = history;
      const slope = gradient.dot(d);
      let t = mul(first, lr);
      state.n_iter++;
      if (!isLess(-toleranceChange, slope)) {
        if (lineSearchFn !== null) {
          const search = this.#search(
            { step: 0, loss, gradient, slope },
            d,
            t,
            limit - evaluations,
            evaluate,
          );
          ({ loss, gradient, step: t } = search.point);
          evaluations += search.evaluations;
          this.#move(t, d);
        } else {
          this.#move(t, d);
          if (iteration < maxIter) {
            loss = evaluate();
            gradient = this.#flatGradient();
            evaluations++;
          }
        }
        isDone =
          isFlat(gradient) ||
          evaluations >= limit ||
          isAtMost(d.mul(t).abs().max(), toleranceChange) ||
          Math.abs(loss - history.prev_loss) < toleranceChange;
      } else {
        isDone = true;
      }
      state.history = { ...history, t };
    }
    state.func_evals += evaluations;
    this.#setState(state);
  }

  /** Searches along a direction, and leaves the parameters where they were. */
  #search(
    start: LinePoint,
    direction: Tensor,
    first: WeakScalar,
    limit: number,
    evaluate: () => number,
  ): LineSearch {
    const origin = this.parameters.map((parameter) => parameter.clone());
    return strongWolfe(start, direction, first, limit, (step) => {
      this.#move(step, direction);
      const loss = evaluate();
      const gradient = this.#flatGradient();
      for (const [i, parameter] of this.parameters.entries()) parameter.copy_(origin[i] as Tensor);
      return { step, loss, gradient, slope: gradient.dot(direction) };
    });
  }

  /** All gradients as one vector, zeros for those that are missing. */
  #flatGradient(): Tensor {
    return cat(
      this.parameters.map((parameter) => (parameter.grad ?? zerosLike(parameter)).reshape([-1])),
      0,
    );
  }

  #move(step: WeakScalar, direction: Tensor): void {
    const alpha = toNumber(step);
    let offset = 0;
    for (const parameter of this.parameters) {
      const length = parameter.numel();
      parameter.add_(direction.narrow(0, offset, length).viewAs(parameter), { alpha });
      offset += length;
    }
  }

  /** The state outlives every scope; what is left of the one before is freed. */
  #setState(state: LBFGSState | null): void {
    const kept = new Set(tensorsOf(state).map(keep));
    for (const tensor of tensorsOf(this.#state)) if (!kept.has(tensor)) tensor.dispose();
    this.#state = state;
  }

  /** The state and the options. The tensors share their memory with the optimizer's. */
  stateDict(): LBFGSStateDict {
    return {
      state: this.#state === null ? {} : { 0: writeState(this.#state) },
      param_groups: [writeOptions(this.#options, this.parameters.length)],
    };
  }

  /**
   * Takes over copies of a state, and its options.
   *
   * @throws TypeError if the state is not one of an LBFGS for as many parameters and elements; then nothing has changed.
   */
  loadStateDict(dict: LBFGSStateDict): void {
    const isDict = isPlainObject(dict) && isPlainObject(dict.state) && Array.isArray(dict.param_groups);
    if (!isDict || dict.param_groups.length !== 1) {
      throw expected(where, "an object with state and one of param_groups", "dict", dict);
    }
    const { options, places } = readOptions(dict.param_groups[0], this.parameters.length);
    const saved: unknown = dict.state[places[0] as number];
    const elements = this.parameters.reduce((sum, parameter) => sum + parameter.numel(), 0);
    const dtype = (this.parameters[0] as Tensor).dtype;
    const state = saved === undefined ? null : readState(where, saved, elements, dtype);
    this.#options = options;
    this.#setState(state);
  }

  /** Sets every gradient to null. */
  zeroGrad(): void {
    for (const parameter of this.parameters) parameter.grad = null;
  }

  /** Frees the state now. The next step starts anew. */
  dispose(): void {
    for (const tensor of tensorsOf(this.#state)) tensor.dispose();
    this.#state = null;
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}

function lossOf(loss: unknown): number {
  if (loss instanceof Tensor) return loss.item();
  if (typeof loss === "number") return loss;
  throw expected(where, "a closure that returns the loss", "closure", loss);
}

function checkParameters(parameters: readonly Tensor[]): readonly Tensor[] {
  if (parameters.length === 0) throw expected(where, "at least one parameter", "parameters", parameters);
  if (parameters.some((parameter) => isPlainObject(parameter))) {
    throw expected(where, "parameters without groups", "parameters", parameters);
  }
  for (const [i, parameter] of parameters.entries()) {
    const name = `parameters[${i}]`;
    if (!(parameter instanceof Tensor)) throw expected(where, "a Tensor", name, parameter);
    if (!isFloating(parameter.dtype) || !parameter.isLeaf) {
      throw expected(where, "a leaf tensor of a floating dtype", name, parameter);
    }
    if (parameters.indexOf(parameter) < i) throw expected(where, "distinct parameters", name, parameter);
  }
  return Object.freeze([...parameters]);
}
