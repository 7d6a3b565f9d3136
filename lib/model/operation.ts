import { expected } from "../errors.ts";
import { checkName, checkOptionNames, isPlainObject } from "../options.ts";

/** The name of an operation (its whole output), or that name and a key or position inside the output. */
export type OperationInput = string | readonly [operationName: string, key: string | number];

/** What an {@link Operation} is made of. */
export interface OperationOptions {
  /** The module that runs, by its name in the task's pool. */
  moduleName: string;
  /**
   * Where the module's arguments come from, in order. `"_input_"` is the batch's dictionary of fields. Without inputs
   * the module receives one argument: all outputs so far, by operation name.
   */
  inputs?: readonly OperationInput[];
  /** The name of the output; by default the module's. */
  name?: string;
}

const optionNames: readonly (keyof OperationOptions)[] = ["moduleName", "inputs", "name"];

/** The output name of the batch's fields. */
export const inputName = "_input_";

/**
 * One step of a task: a module and where its arguments come from.
 * Source: snorkel/classification/task.py.
 */
export class Operation {
  readonly name: string;
  readonly moduleName: string;
  readonly inputs: readonly OperationInput[];

  constructor(options: OperationOptions) {
    if (!isPlainObject(options)) throw expected("Operation", "a plain object", "options", options);
    checkOptionNames("Operation", options, optionNames);
    const { moduleName, inputs = [], name = moduleName }: OperationOptions = options;
    if (typeof moduleName !== "string")
      throw expected("Operation", "a module's name", "moduleName", moduleName);
    checkName("Operation", "name", name);
    if (name === inputName) {
      throw expected("Operation", "another name", "name", name, "That one stands for the batch's fields");
    }
    if (!Array.isArray(inputs)) throw expected("Operation", "an array", "inputs", inputs);
    for (const input of inputs) checkInput(name, input);
    this.name = name;
    this.moduleName = moduleName;
    this.inputs = inputs;
  }

  toString(): string {
    const inputs = this.inputs.map((input) => JSON.stringify(input)).join(", ");
    return `Operation(name=${this.name}, module_name=${this.moduleName}, inputs=[${inputs}])`;
  }
}

function checkInput(operation: string, input: unknown): void {
  const isPair =
    Array.isArray(input) &&
    input.length === 2 &&
    typeof input[0] === "string" &&
    (typeof input[1] === "string" || typeof input[1] === "number");
  if (typeof input === "string" || isPair) return;
  throw expected(
    "Operation",
    'an operation\'s name or ["operation", "key"]',
    `an input of "${operation}"`,
    input,
  );
}
