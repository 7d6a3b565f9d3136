import type { MultitaskClassifier } from "./multitask-classifier.ts";
import type { OperationInput } from "./operation.ts";

/**
 * The model as text: each task's path from the fields through its operations to its head, with the parameters of each
 * module, and which modules are shared.
 */
export function formatTaskGraph(model: MultitaskClassifier): string {
  const users = new Map<string, number>();
  for (const task of model.tasks.values()) {
    for (const name of new Set(task.opSequence.map((operation) => operation.moduleName))) {
      users.set(name, (users.get(name) ?? 0) + 1);
    }
  }
  const lines = [`${model}`];
  for (const task of model.tasks.values()) {
    lines.push(`  ${task.name}`);
    for (const operation of task.opSequence) {
      const inputs =
        operation.inputs.length > 0 ? operation.inputs.map(formatInput).join(", ") : "all outputs";
      const count = users.get(operation.moduleName) ?? 0;
      const shared = count > 1 ? `, shared by ${count} tasks` : "";
      lines.push(
        `    ${operation.name}(${inputs})  ${countParameters(model, operation.moduleName)} weights${shared}`,
      );
    }
  }
  return lines.join("\n");
}

function formatInput(input: OperationInput): string {
  return typeof input === "string" ? input : `${input[0]}.${input[1]}`;
}

function countParameters(model: MultitaskClassifier, moduleName: string): number {
  const parameters = model.modulePool.get(moduleName)?.parameters() ?? [];
  return [...parameters].reduce((sum, parameter) => sum + parameter.shape.reduce((a, b) => a * b, 1), 0);
}
