/**
 * TorchScript, `torch.jit`: modules of files that Python wrote.
 * @see https://pytorch.org/docs/stable/jit.html
 * @module
 */
export { load } from "./load.ts";
export { ScriptModule, type ScriptValue } from "./script-module.ts";
