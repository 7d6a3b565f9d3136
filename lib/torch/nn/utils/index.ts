/**
 * Helpers for modules and their parameters, `torch.nn.utils`.
 * @see https://pytorch.org/docs/stable/nn.html#utilities
 * @module
 */
export { parametersToVector, vectorToParameters } from "./convert-parameters.ts";
export * as rnn from "./rnn.ts";
