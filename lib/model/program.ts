import { countActive } from "../data/active-rows.ts";
import { batchInputs } from "../data/batch-inputs.ts";
import { moveToDevice, type XDict, type YDict } from "../data/index.ts";
import { expected } from "../errors.ts";
import { Arena, Program, recordStep } from "../torch/engine/index.ts";
import { getRngState, noGrad, scope, setRngState, stack, type Tensor } from "../torch/index.ts";
import { labelsToTasks, type RemapLabels } from "./labels.ts";
import type { MultitaskClassifier } from "./multitask-classifier.ts";

/** See MultitaskClassifier.program. */
export function programOf(
  model: MultitaskClassifier,
  xDict: XDict,
  yDict: YDict,
  remapLabels: RemapLabels,
): Program {
  return scope(() => {
    const [x, y] = moveToDevice([xDict, yDict], model.device);
    return recordTwice(model, x as XDict, y as YDict, remapLabels);
  });
}

function recordTwice(
  model: MultitaskClassifier,
  xDict: XDict,
  yDict: YDict,
  remapLabels: RemapLabels,
): Program {
  const where = "MultitaskClassifier.program";
  const labels = labelsToTasks(where, Object.keys(yDict), model.taskNames, remapLabels).keys();
  const inputs = batchInputs(xDict, yDict, labels);
  if (typeof inputs === "string") throw expected(where, "a batch of tensors", inputs, "something else");
  const parameters = model.parameters();
  const tensors = {
    inputs: inputs.map(([, tensor]) => tensor),
    persistent: [...parameters, ...model.buffers()],
    parameters: parameters.filter((parameter) => parameter.requiresGrad),
  };
  const counts = Object.entries(yDict).map(([label, values]) => [label, countActive(values)] as const);
  const activeCounts = Object.fromEntries(counts);
  const step = (): Tensor[] => {
    const losses = Object.values(model.calculateLoss(xDict, yDict, { remapLabels, activeCounts }).lossDict);
    if (losses.length > 0) stack(losses, 0).sum().backward();
    return losses;
  };
  return withoutTraces(model, () => {
    const record = () => {
      for (const parameter of parameters) parameter.grad = null;
      const made = recordStep(tensors, step);
      if (made.refusal !== null) throw new Error(`[${where}] the step cannot be recorded: ${made.refusal}`);
      return made;
    };
    using first = record();
    using second = record();
    return Program.build(first, second, new Arena(model.device));
  });
}

/** Runs what trains a model, and leaves its buffers and gradients and the generator as they were. */
function withoutTraces<T>(model: MultitaskClassifier, run: () => T): T {
  const parameters = model.parameters();
  const buffers = model.buffers();
  const gradients = parameters.map(({ grad }) => grad);
  return scope(() => {
    const state = getRngState();
    const values = buffers.map((buffer) => buffer.clone());
    try {
      return run();
    } finally {
      noGrad(() => values.forEach((value, i) => void buffers[i]?.copy_(value)));
      parameters.forEach((parameter, i) => {
        parameter.grad = gradients[i] ?? null;
      });
      setRngState(state);
    }
  });
}
