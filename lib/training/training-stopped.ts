import { messageOf } from "../errors.ts";
import type { nn } from "../torch/index.ts";

/** The error with which a training ends at a batch, the `position`-th of its epoch, counted from 1. */
export function stopped(position: number, source: string | null, error: unknown): Error {
  const reason = messageOf(error);
  const from = source === null ? "" : `, from ${source}`;
  return new Error(
    `[Trainer.fit] training stopped at batch ${position} of the epoch${from}: ${reason}. The model is as ` +
      "after the batch before it",
    { cause: error },
  );
}

/** What is wrong with a step whose loss is no finite number. */
export function badLoss(label: string | undefined, value: number | undefined): Error {
  return new Error(`the loss of "${label}" is ${value}`);
}

/** What is wrong with a step that leaves a gradient that is not finite. */
export function badGradient(model: nn.Module, parameter: unknown, labels: readonly string[]): Error {
  const [name] = model.namedParameters().find(([, candidate]) => candidate === parameter) ?? ["of no module"];
  return new Error(`the gradient of parameter "${name}" is not finite (tasks ${labels.join(", ")})`);
}
