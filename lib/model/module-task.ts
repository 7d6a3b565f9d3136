import { expected, unknownName } from "../errors.ts";
import { nn } from "../torch/index.ts";
import { inputName, Operation } from "./operation.ts";
import { Task, type TaskOptions } from "./task.ts";

/** What `MultitaskClassifier.fromModule` takes of a task, and how its module is fed. */
export interface ModuleTaskOptions extends Omit<TaskOptions, "name" | "modulePool" | "opSequence"> {
  /** The task's name, and so that of its label; "task" by default, as in `DictDataset.fromTensors`. */
  taskName?: string;
  /** The field that the module gets, or the fields in the order of its arguments; "input_data" by default. */
  inputDataKey?: string | readonly string[];
}

const moduleName = "net";
const ofTask = ["kind", "threshold", "scorer", "lossFunc", "classWeights", "sampleWeights", "outputFunc"];
const known = ["taskName", "inputDataKey", ...ofTask];

/** A task of one operation, which runs a module. @throws TypeError for something that is no module. */
export function taskOfModule(where: string, module: nn.Module, options: ModuleTaskOptions): Task {
  if (!(module instanceof nn.Module)) throw expected(where, "a module of torch.nn", "module", module);
  for (const name of Object.keys(options))
    if (!known.includes(name)) throw unknownName(where, "option", name, known);
  const { taskName = "task", inputDataKey = "input_data", ...others } = options;
  const fields = typeof inputDataKey === "string" ? [inputDataKey] : inputDataKey;
  if (!Array.isArray(fields) || fields.length === 0 || fields.some((field) => typeof field !== "string"))
    throw expected(where, "the name of a field, or an array of such names,", "inputDataKey", inputDataKey);
  const inputs = fields.map((field: string) => [inputName, field] as const);
  const opSequence = [new Operation({ moduleName, inputs })];
  return new Task({ ...others, name: taskName, modulePool: { [moduleName]: module }, opSequence });
}
