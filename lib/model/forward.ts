import { expected, messageOf } from "../errors.ts";
import { enterPart } from "../torch/engine/index.ts";
import type { nn } from "../torch/index.ts";
import { inputName, type Operation } from "./operation.ts";

/** What each operation gave, by its name; `_input_` is the batch's fields. */
export type Outputs = Record<string, unknown>;

/**
 * Runs the operations that have no output yet, so that what several tasks share runs once.
 * @throws Error `Unsuccessful operation ...`, with the module's own error as its cause.
 */
export function runOperations(
  modulePool: ReadonlyMap<string, nn.Module>,
  operations: Iterable<Operation>,
  outputs: Outputs,
): void {
  for (const operation of operations) {
    if (Object.hasOwn(outputs, operation.name)) continue;
    try {
      const module = modulePool.get(operation.moduleName);
      if (module === undefined)
        throw expected("forward", "a module of the model", "moduleName", operation.moduleName);
      enterPart(`module "${operation.moduleName}"`);
      const inputs = operation.inputs.length > 0 ? readInputs(operation, outputs) : [outputs];
      outputs[operation.name] = module.forward(...(inputs as never[]));
    } catch (error) {
      const reason = messageOf(error);
      throw new Error(`Unsuccessful operation ${operation}: ${reason}`, { cause: error });
    }
  }
}

function readInputs(operation: Operation, outputs: Outputs): unknown[] {
  return operation.inputs.map((input) => {
    const [name, key] = typeof input === "string" ? [input, null] : input;
    if (!Object.hasOwn(outputs, name)) {
      throw expected("forward", `an output (there are ${Object.keys(outputs).join(", ")})`, "input", name);
    }
    const output = outputs[name];
    if (key === null) return output;
    if (typeof output !== "object" || output === null || !Object.hasOwn(output, key)) {
      const fields = typeof output === "object" && output !== null ? Object.keys(output).join(", ") : "none";
      throw expected(
        "forward",
        `a field of "${name}" (it has ${fields})`,
        "input",
        key,
        missingField(operation, name),
      );
    }
    return (output as Record<string | number, unknown>)[key];
  });
}

function missingField(operation: Operation, name: string): string {
  return name === inputName
    ? `Add the field to the dataset's xDict, or name another in operation "${operation.name}"`
    : `Let the module of "${name}" return it`;
}
