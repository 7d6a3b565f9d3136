import { expected } from "../../../errors.ts";
import { mergeOptions, number } from "../../../options.ts";
import { noGrad } from "../../autograd.ts";
import { eye, randperm } from "../../generated/functions.ts";
import { qr } from "../../generated/linalg.ts";
import { scope } from "../../scope.ts";
import type { Tensor } from "../../tensor.ts";
import { type DrawOptions, draws, normal_ } from "./basic.ts";

/** Fills a matrix, [rows, columns], with ones on its diagonal and zeros elsewhere. */
export function eye_<T extends Tensor>(tensor: T): T {
  const [rows, columns] = matrix("nn.init.eye_", tensor);
  const { dtype, device } = tensor;
  scope(() => noGrad(() => void tensor.copy_(eye(rows, columns, { dtype, device }))));
  return tensor;
}

function matrix(where: string, tensor: Tensor): [rows: number, columns: number] {
  const [rows, columns, ...more] = tensor.shape;
  if (rows === undefined || columns === undefined || more.length > 0)
    throw expected(where, "2 dimensions", "tensor", `one of size [${tensor.shape}]`);
  return [rows, columns];
}

/**
 * Fills the weight of a convolution, [outChannels, inChannels, ...kernel], so that it gives back its input, as far as
 * there are channels.
 *
 * @param options.groups - 1 by default
 */
export function dirac_<T extends Tensor>(tensor: T, options?: { groups?: number }): T {
  const where = "nn.init.dirac_";
  const { groups } = mergeOptions(where, { groups: 1 }, options);
  const [outputs = 0, inputs = 0, ...kernel] = tensor.shape;
  if (kernel.length < 1 || kernel.length > 3)
    throw expected(where, "3 to 5 dimensions", "tensor", `one of size [${tensor.shape}]`);
  number(where, "groups", groups, { min: 1, integer: true });
  if (outputs % groups !== 0) throw expected(where, `a divisor of ${outputs}`, "groups", groups);
  const perGroup = outputs / groups;
  const middle = kernel.map((extent) => Math.floor(extent / 2));
  scope(() =>
    noGrad(() => {
      tensor.zero_();
      for (let output = 0; output < outputs; output++) {
        const input = output % perGroup;
        if (input >= inputs) continue;
        [output, input, ...middle]
          .reduce<Tensor>((view, position) => view.select(0, position), tensor)
          .fill_(1);
      }
    }),
  );
  return tensor;
}

/** Fills with a matrix whose rows (or columns, if these are fewer) are orthogonal, times `gain` (1). */
export function orthogonal_<T extends Tensor>(tensor: T, options?: { gain?: number } & DrawOptions): T {
  const where = "nn.init.orthogonal_";
  const defaults = { ...draws, gain: 1 };
  const { gain, generator } = mergeOptions<typeof defaults>(where, defaults, options);
  const [rows, second] = tensor.shape;
  if (rows === undefined || second === undefined)
    throw expected(where, "at least 2 dimensions", "tensor", `one of size [${tensor.shape}]`);
  if (tensor.numel() === 0) return tensor;
  const columns = tensor.numel() / rows;
  scope(() =>
    noGrad(() => {
      const drawn = normal_(tensor.newEmpty([rows, columns]), { generator });
      const [q, r] = qr(rows < columns ? drawn.t() : drawn);
      const signed = q.mul(r.diag(0).sign());
      tensor.view([rows, columns]).copy_(rows < columns ? signed.t() : signed);
      tensor.mul_(gain);
    }),
  );
  return tensor;
}

/**
 * Fills a matrix with normal draws, and a part of each column with zeros.
 *
 * @param sparsity - which part, from 0 to 1
 * @param options.std - the deviation of the draws; 0.01 by default
 */
export function sparse_<T extends Tensor>(
  tensor: T,
  sparsity: number,
  options?: { std?: number } & DrawOptions,
): T {
  const where = "nn.init.sparse_";
  const defaults = { ...draws, std: 0.01 };
  const { std, generator } = mergeOptions<typeof defaults>(where, defaults, options);
  const [rows, columns] = matrix(where, tensor);
  const zeros = Math.ceil(number(where, "sparsity", sparsity, { min: 0, max: 1 }) * rows);
  normal_(tensor, { std, generator });
  scope(() =>
    noGrad(() => {
      for (let column = 0; column < columns; column++) {
        const positions = randperm(rows, { dtype: "int64" })
          .narrow(0, 0, zeros)
          .to({ device: tensor.device });
        tensor.select(1, column).indexFill_(0, positions, 0);
      }
    }),
  );
  return tensor;
}
