import { mergeOptions, number } from "../../../options.ts";
import { noGrad } from "../../autograd.ts";
import { tensor as makeTensor } from "../../creation.ts";
import { emptyLike, where as select } from "../../generated/functions.ts";
import { scope } from "../../scope.ts";
import type { Tensor } from "../../tensor.ts";
import { type DrawOptions, normal_, uniform_ } from "./basic.ts";

export interface TruncatedNormalOptions extends DrawOptions {
  /** 0 by default. */
  mean?: number;
  /** 1 by default. */
  std?: number;
  /** The least draw; -2 by default. */
  a?: number;
  /** The greatest draw; 2 by default. */
  b?: number;
}

interface Distribution {
  mean: number;
  std: number;
  a: number;
  b: number;
  generator: DrawOptions["generator"];
}

/**
 * Fills with normal draws that lie between two bounds, in place.
 * @see https://pytorch.org/docs/stable/nn.init.html#torch.nn.init.trunc_normal_
 */
export function truncNormal_<T extends Tensor>(tensor: T, options?: TruncatedNormalOptions): T {
  const where = "nn.init.truncNormal_";
  const defaults: Distribution = { mean: 0, std: 1, a: -2, b: 2, generator: null };
  const distribution = mergeOptions<Distribution>(where, defaults, options);
  const { mean, std, a, b } = distribution;
  number(where, "mean", mean);
  number(where, "std", std, { above: 0 });
  number(where, "b", b, { above: number(where, "a", a) });
  if (mean < a - 2 * std || mean > b + 2 * std)
    process.emitWarning(
      `[${where}] the mean is more than 2 std from [a, b]: the draws may be distributed otherwise`,
    );
  scope(() =>
    noGrad(() => {
      const share = probabilityBelow((b - mean) / std) - probabilityBelow((a - mean) / std);
      if (share > 0.3) redraw(tensor, distribution);
      else reject(tensor, distribution);
    }),
  );
  return tensor;
}

/** The standard normal distribution's. */
function probabilityBelow(x: number): number {
  return (
    (1 +
      Number(
        makeTensor(x / Math.sqrt(2), { dtype: "float64" })
          .erf()
          .item(),
      )) /
    2
  );
}

/** Draws what lies outside once more, until nothing does. */
function redraw(tensor: Tensor, { mean, std, a, b, generator }: Distribution): void {
  const bounds = makeTensor([a, b], { dtype: tensor.dtype, device: tensor.device });
  const [low, high] = [bounds.select(0, 0), bounds.select(0, 1)];
  normal_(tensor, { mean, std, generator });
  let result: Tensor = tensor;
  for (;;) {
    const outside = result.lt(low).logicalOr(result.gt(high));
    if (!outside.any().item()) break;
    result = select(outside, normal_(emptyLike(result), { mean, std, generator }), result);
  }
  if (result !== tensor) tensor.copy_(result);
}

/** Draws evenly, and takes each draw with the probability that its density has beside the greatest. */
function reject(tensor: Tensor, { mean, std, a, b, generator }: Distribution): void {
  const nearest = Math.max(a, Math.min(mean, b));
  const distance = (nearest - mean) / std;
  const logPeak = -0.5 * (distance * distance);
  const logDensity = (draws: Tensor) => draws.sub(mean).div_(std).pow_(2).mul_(-0.5).sub_(logPeak);
  const refused = (draws: Tensor) => uniform_(emptyLike(tensor), { generator }).log_().gt(logDensity(draws));
  let result: Tensor = uniform_(tensor, { a, b, generator });
  let pending = refused(result);
  while (pending.any().item()) {
    const candidates = uniform_(emptyLike(tensor), { a, b, generator });
    result = select(pending, candidates, result);
    pending = pending.logicalAnd(refused(candidates));
  }
  if (result !== tensor) tensor.copy_(result);
}
