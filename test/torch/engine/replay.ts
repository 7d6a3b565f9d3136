// A step as a program beside the step itself: on the same inputs, from the same state, all bits must be the same.
import { Arena, Program, recordStep } from "../../../lib/torch/engine/index.ts";
import {
  getRngState,
  nn,
  noGrad,
  randn,
  scope,
  setRngState,
  stack,
  Tensor,
} from "../../../lib/torch/index.ts";
import { native } from "../../../lib/torch/native.ts";
import { heldTensors } from "../../../lib/torch/scope.ts";

/** A step to be recorded: what it is given, and what it does. */
export interface Subject {
  /** Parameters and buffers. */
  persistent: readonly Tensor[];
  parameters: readonly Tensor[];
  /** New inputs, which may hold tensors in arrays and objects. */
  draw(): unknown[];
  /** From inputs to outputs, with a backward pass where there is one. */
  step(inputs: unknown[]): readonly Tensor[];
}

/** A step with parameters of its own; what it returns last is gone back from. */
export function subject(
  persistent: Tensor[],
  draw: () => unknown[],
  run: (...inputs: Tensor[]) => Tensor[],
): Subject {
  const step = (inputs: unknown[]) => {
    const outputs = run(...(inputs as Tensor[]));
    outputs.at(-1)?.backward();
    return outputs;
  };
  const parameters = persistent.filter((one) => one.requiresGrad);
  return { persistent, parameters, draw, step };
}

/** A subject that calls a module, or a function, and goes back from the squares of all that it gives. */
export function subjectOf(
  module: nn.Module | null,
  draw: () => unknown[],
  run: (inputs: unknown[]) => readonly Tensor[],
): Subject {
  const parameters = module?.parameters() ?? [];
  const step = (inputs: unknown[]) => {
    const outputs = run(inputs);
    const losses = outputs.filter((output) => output.requiresGrad).map((output) => output.square().sum());
    if (losses.length > 0) stack(losses, 0).sum().backward();
    const leaves = tensorsIn(inputs).filter((input) => input.isLeaf && input.requiresGrad);
    return [...outputs, ...leaves.flatMap(({ grad }) => grad ?? [])];
  };
  return { persistent: [...parameters, ...(module?.buffers() ?? [])], parameters, draw, step };
}

/** Records the step twice, on drawn inputs, and makes the program; a text says why there is none. */
export function programOf(subject: Subject, draw = subject.draw, arena = new Arena("cpu")): Program | string {
  const record = () => {
    clearGradients(subject);
    const inputs = draw();
    return recordStep({ ...subject, inputs: tensorsIn(inputs) }, () => subject.step(inputs));
  };
  using first = record();
  using second = record();
  try {
    return Program.build(first, second, arena);
  } catch (error) {
    return (error as Error).message.replace("[makeProgram] ", "");
  }
}

/**
 * How the program of a step differs from the step: "nothing", or which part of which of three batches. Between two
 * batches the parameters move, as they would in a training.
 *
 * @param options.recorded - draws the inputs of the records; those of the subject by default
 * @returns "refused: ..." if there can be no program
 */
export function differenceOfReplay(subject: Subject, options: { recorded?: () => unknown[] } = {}): string {
  return scope(() => {
    const program = programOf(subject, options.recorded);
    if (typeof program === "string") return `refused: ${program}`;
    using made = program;
    for (let batch = 0; batch < 3; batch++) {
      noGrad(() => moveParameters(subject.parameters));
      const inputs = subject.draw();
      const before = stateOf(subject.persistent);
      const given = tensorsIn(inputs).map((input) => input.detach().clone());
      clearGradients(subject);
      const outputs = subject.step(inputs);
      const gradients = subject.parameters.flatMap(({ grad }) => grad ?? []);
      const wanted = bitsOf({ outputs, gradients, state: stateOf(subject.persistent) });
      noGrad(() => before.forEach((value, i) => void [...subject.persistent, null][i]?.copy_(value)));
      setRngState(before.at(-1) as Tensor);
      const got = bitsOf({ ...made.run(given), state: stateOf(subject.persistent) });
      for (const part of Object.keys(wanted) as (keyof typeof wanted)[]) {
        if (wanted[part].length !== got[part].length) return `batch ${batch}: the number of ${part}`;
        const place = wanted[part].findIndex((bits, i) => bits !== got[part][i]);
        if (place >= 0) return `batch ${batch}: ${part} ${place}`;
      }
    }
    return "nothing";
  });
}

/** All tensors in arrays, plain objects and packed sequences. */
export function tensorsIn(value: unknown): Tensor[] {
  if (value instanceof Tensor) return [value];
  if (typeof value !== "object" || value === null || value instanceof nn.Module) return [];
  if (heldTensors in value) return tensorsIn((value[heldTensors] as () => unknown)());
  return Object.values(value).flatMap(tensorsIn);
}

function clearGradients({ parameters }: Subject): void {
  for (const parameter of parameters) parameter.grad = null;
}

function moveParameters(parameters: readonly Tensor[]): void {
  for (const parameter of parameters) {
    parameter.add_(randn(parameter.shape, { dtype: parameter.dtype }).mul(0.01));
  }
}

/** Copies of the tensors, and the state of the generator last. */
function stateOf(tensors: readonly Tensor[]): Tensor[] {
  return [...tensors.map((tensor) => tensor.detach().clone()), getRngState()];
}

type Parts = Record<"outputs" | "gradients" | "state", readonly Tensor[]>;

function bitsOf(parts: Parts): Record<keyof Parts, string[]> {
  const bits = (tensor: Tensor) => {
    const bytes = Buffer.from(native.tensorToBytes(tensor)).toString("latin1");
    return `${tensor.dtype} ${tensor.shape} ${bytes}`;
  };
  const { outputs, gradients, state } = parts;
  return { outputs: outputs.map(bits), gradients: gradients.map(bits), state: state.map(bits) };
}
