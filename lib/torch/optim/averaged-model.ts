import { expected } from "../../errors.ts";
import { boolean, mergeOptions } from "../../options.ts";
import { noGrad } from "../autograd.ts";
import { tensor } from "../creation.ts";
import { Module } from "../nn/module.ts";
import { scope } from "../scope.ts";
import type { Tensor } from "../tensor.ts";
import { type AveragingRule, checkRule, updateAverages } from "./averaging.ts";

export interface AveragedModelOptions extends AveragingRule {
  /** Average the buffers too, instead of taking over their latest values. Default: false. */
  useBuffers: boolean;
}

const where = "optim.AveragedModel";
const defaults: AveragedModelOptions = { avgFn: null, multiAvgFn: null, useBuffers: false };

/**
 * A copy of a model with the average of its weights over a training: their plain average (SWA), or with
 * `multiAvgFn: getEmaMultiAvgFn(decay)` an exponential moving one (EMA).
 *
 *     const averaged = new torch.optim.AveragedModel(model, { multiAvgFn: torch.optim.getEmaMultiAvgFn(0.999) });
 *     for (const batch of loader) {
 *       ... // a training step of the model
 *       averaged.updateParameters(model);
 *     }
 *     averaged.eval().forward(x);
 *
 * The running statistics of batch norm are not those of the averaged weights: see {@link updateBn}, or `useBuffers`.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.optim.swa_utils.AveragedModel.html
 */
export class AveragedModel<Averaged extends Module = Module> extends Module {
  /** The copy, whose weights are the averages. */
  readonly module: Averaged;
  /** How many times weights were taken into the average: one int64, `n_averaged` of the state dict. */
  declare readonly n_averaged: Tensor;
  private readonly options: AveragedModelOptions;

  /** @throws TypeError for anything but a module, and for an unknown option or one of the wrong kind. */
  constructor(model: Averaged, options?: Partial<AveragedModelOptions>) {
    super();
    if (!(model instanceof Module)) throw expected(where, "a Module", "model", model);
    this.options = mergeOptions(where, defaults, options);
    checkRule(where, this.options);
    boolean(where, "useBuffers", this.options.useBuffers);
    this.module = model.deepCopy();
    this.registerBuffer("n_averaged", tensor(0n, { dtype: "int64" }));
  }

  /** How many times weights were taken into the average. */
  get nAveraged(): number {
    return Number(this.n_averaged.item());
  }

  override forward(...inputs: Parameters<Averaged["forward"]>): ReturnType<Averaged["forward"]> {
    return this.module.forward(...inputs) as ReturnType<Averaged["forward"]>;
  }

  /**
   * Takes the weights of a model into the average; the first ones become it.
   * @throws TypeError, before anything is changed, unless the model has the same parameters and buffers as the copy.
   */
  updateParameters(model: Module): void {
    if (!(model instanceof Module)) throw expected(`${where}.updateParameters`, "a Module", "model", model);
    const { useBuffers } = this.options;
    const [own, given] = [this.module, model];
    checkAlike("parameters", own.parameters(), given.parameters());
    checkAlike("buffers", own.buffers(), given.buffers());
    const averagesOf = (module: Module): Tensor[] =>
      useBuffers ? [...module.parameters(), ...module.buffers()] : module.parameters();
    updateAverages(averagesOf(own), averagesOf(given), this.nAveraged, this.options);
    scope(() =>
      noGrad(() => {
        const latest = given.buffers();
        if (!useBuffers) for (const [i, buffer] of own.buffers().entries()) buffer.copy_(latest[i] as Tensor);
        this.n_averaged.add_(1);
      }),
    );
  }
}

function checkAlike(name: string, own: readonly Tensor[], given: readonly Tensor[]): void {
  const describe = (tensors: readonly Tensor[]): string[] =>
    tensors.map(({ dtype, shape }) => `${dtype} [${shape.join(", ")}]`);
  const [wanted, got] = [describe(own), describe(given)];
  const different = wanted.length === got.length ? wanted.findIndex((text, i) => text !== got[i]) : 0;
  if (wanted.length === got.length && different === -1) return;
  const what = `as many ${name} as were copied, each of the same shape and dtype`;
  throw expected(
    `${where}.updateParameters`,
    what,
    "model",
    given.length === own.length ? got[different] : given,
  );
}
