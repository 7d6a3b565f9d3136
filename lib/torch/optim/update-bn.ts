import { expected } from "../../errors.ts";
import { mergeOptions } from "../../options.ts";
import { noGrad } from "../autograd.ts";
import { Module } from "../nn/module.ts";
import { BatchNorm1d, BatchNorm2d, BatchNorm3d } from "../nn/normalization.ts";
import { scope } from "../scope.ts";

/** Options of {@link updateBn}. */
export interface UpdateBnOptions<Batch> {
  /** How the model runs on a batch. Default (null): `model.forward` on the batch, on its first element if it is an array. */
  forward: ((batch: Batch) => unknown) | null;
}

/**
 * Computes the running statistics of every batch norm anew: their plain averages over one pass through the batches, in
 * training mode. To be called when weights were changed from outside, by averaging them. A model without batch norm runs on
 * nothing.
 *
 * @param loader - batches, synchronous or not
 * @see https://pytorch.org/docs/stable/generated/torch.optim.swa_utils.update_bn.html
 */
export async function updateBn<Batch>(
  loader: Iterable<Batch> | AsyncIterable<Batch>,
  model: Module,
  options?: Partial<UpdateBnOptions<Batch>>,
): Promise<void> {
  const where = "optim.updateBn";
  if (!(model instanceof Module)) throw expected(where, "a Module", "model", model);
  if (!isIterable(loader)) throw expected(where, "an iterable of batches", "loader", loader);
  const { forward } = mergeOptions<UpdateBnOptions<Batch>>(where, { forward: null }, options as object);
  const run = forward ?? ((batch) => model.forward(Array.isArray(batch) ? batch[0] : batch));
  const norms = model.modules().filter((module) => isBatchNorm(module));
  if (norms.length === 0) return;

  const momenta = norms.map((norm) => norm.momentum);
  const resting = model.modules().filter((module) => !module.training);
  for (const norm of norms) norm.resetRunningStats();
  model.train();
  for (const norm of norms) norm.momentum = null;
  try {
    for await (const batch of loader) scope(() => noGrad(() => void run(batch)));
  } finally {
    for (const [i, norm] of norms.entries()) norm.momentum = momenta[i] ?? null;
    for (const module of resting) module.training = false;
  }
}

function isBatchNorm(module: Module): module is BatchNorm1d | BatchNorm2d | BatchNorm3d {
  return module instanceof BatchNorm1d || module instanceof BatchNorm2d || module instanceof BatchNorm3d;
}

function isIterable(value: unknown): boolean {
  return (
    typeof value === "object" && value !== null && (Symbol.iterator in value || Symbol.asyncIterator in value)
  );
}
