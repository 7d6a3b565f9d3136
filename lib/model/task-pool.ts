import { expected, unknownName } from "../errors.ts";
import type { nn } from "../torch/index.ts";
import { inputName, type Operation } from "./operation.ts";
import type { Task } from "./task.ts";

const where = "MultitaskClassifier";

/** The tasks of a model, with the modules and operations that they share by name. Checks each task before it is in. */
export class TaskPool {
  readonly tasks = new Map<string, Task>();
  readonly modules = new Map<string, nn.Module>();
  /** The task that brought a module or an operation, for messages. */
  readonly #moduleOwners = new Map<string, string>();
  readonly #operations = new Map<string, { operation: Operation; owner: string }>();

  /** @throws TypeError if the task cannot be added; nothing is changed then. */
  add(task: Task): void {
    if (this.tasks.has(task.name)) {
      throw expected(
        where,
        "tasks of distinct names",
        "tasks",
        task.name,
        `Found duplicate task ${task.name}`,
      );
    }
    for (const [name, module] of task.modulePool) this.#checkModule(task, name, module);
    const earlier = new Set([inputName]);
    for (const operation of task.opSequence) {
      this.#checkOperation(task, operation, earlier);
      earlier.add(operation.name);
    }
    for (const [name, module] of task.modulePool) {
      if (!this.modules.has(name)) this.#moduleOwners.set(name, task.name);
      this.modules.set(name, module);
    }
    for (const operation of task.opSequence) {
      if (!this.#operations.has(operation.name))
        this.#operations.set(operation.name, { operation, owner: task.name });
    }
    this.tasks.set(task.name, task);
  }

  #checkModule(task: Task, name: string, module: nn.Module): void {
    const known = this.modules.get(name);
    if (known === undefined || known === module) return;
    throw new TypeError(
      `[${where}] expected one module under the name "${name}", got two: one of task ` +
        `"${this.#moduleOwners.get(name)}", another of task "${task.name}". Give both tasks the same object to share ` +
        "it, or the modules different names",
    );
  }

  #checkOperation(task: Task, operation: Operation, earlier: ReadonlySet<string>): void {
    const here = `${where}, task "${task.name}", operation "${operation.name}"`;
    if (!this.modules.has(operation.moduleName) && !task.modulePool.has(operation.moduleName)) {
      const names = new Set([...task.modulePool.keys(), ...this.modules.keys()]);
      throw unknownName(here, "moduleName", operation.moduleName, names);
    }
    for (const input of operation.inputs) {
      const name = typeof input === "string" ? input : input[0];
      if (!earlier.has(name)) throw unknownName(here, "an input (an earlier operation)", name, earlier);
    }
    const known = this.#operations.get(operation.name);
    if (known === undefined || isSame(known.operation, operation)) return;
    throw new TypeError(
      `[${where}] expected one operation under the name "${operation.name}", got two: ${known.operation} of task ` +
        `"${known.owner}", ${operation} of task "${task.name}". Give one of them a \`name\` of its own`,
    );
  }
}

function isSame(a: Operation, b: Operation): boolean {
  return a.moduleName === b.moduleName && JSON.stringify(a.inputs) === JSON.stringify(b.inputs);
}
