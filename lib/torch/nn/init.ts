/**
 * Ways to fill a tensor before it is learned, in place, `torch.nn.init`.
 * @see https://pytorch.org/docs/stable/nn.init.html
 * @module
 */
export { constant_, type DrawOptions, normal_, ones_, uniform_, zeros_ } from "./init/basic.ts";
export {
  calculateGain,
  type KaimingOptions,
  kaimingNormal_,
  kaimingUniform_,
  type Nonlinearity,
  xavierNormal_,
  xavierUniform_,
} from "./init/scaled.ts";
export { dirac_, eye_, orthogonal_, sparse_ } from "./init/structured.ts";
export { type TruncatedNormalOptions, truncNormal_ } from "./init/truncated-normal.ts";
