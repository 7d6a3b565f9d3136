import type { nn } from "../torch/index.ts";

/** The evaluations of a module that are under way. */
interface Evaluations {
  /** Each resolves when it has ended. */
  underWay: Set<Promise<void>>;
  /** The mode in which the first of them found the module. */
  training: boolean;
}

/** Per module, and not per model: models may share modules. */
const evaluations = new WeakMap<nn.Module, Evaluations>();

/** How many trainings change a module at the moment, or wait to. */
const trainings = new WeakMap<nn.Module, number>();

/**
 * Runs a function with all modules in evaluation mode, and leaves each in the mode in which it found it, so that a module
 * that its user froze stays so. Several may be under way at once: the mode comes back with the last.
 *
 * @throws Error while a module is trained: one of the two would run in the mode of the other.
 */
export async function inEvaluation<T>(where: string, model: nn.Module, run: () => Promise<T>): Promise<T> {
  const modules = model.modules();
  if (modules.some((module) => trainings.has(module))) {
    const remedy = "Call it in a callback of fit, or when fit has ended";
    throw new Error(`[${where}] expected a model between two batches, got one in training. ${remedy}`);
  }
  let end = () => {};
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  for (const module of modules) {
    const known = evaluations.get(module) ?? { underWay: new Set(), training: module.training };
    known.underWay.add(ended);
    evaluations.set(module, known);
  }
  model.eval();
  try {
    return await run();
  } finally {
    for (const module of modules) {
      const { underWay, training } = evaluations.get(module) as Evaluations;
      underWay.delete(ended);
      if (underWay.size > 0) continue;
      evaluations.delete(module);
      if (training) module.training = true;
    }
    end();
  }
}

/**
 * Starts something once no evaluation of the model is under way: at once where none is. None begins before it first waits:
 * not while it is waited for either, or there might always be one.
 */
export async function onceEvaluated<T>(model: nn.Module, start: () => Promise<T>): Promise<T> {
  const modules = model.modules();
  claim(modules);
  let started: Promise<T>;
  try {
    for (let ends = endsOf(modules); ends.length > 0; ends = endsOf(modules)) await Promise.all(ends);
    started = start();
  } finally {
    release(modules);
  }
  return started;
}

/** Runs a function that trains a model, once no evaluation of it is under way. Meanwhile none can begin. */
export function inTraining<T>(model: nn.Module, run: () => Promise<T>): Promise<T> {
  return onceEvaluated(model, async () => {
    const modules = model.modules();
    claim(modules);
    try {
      return await run();
    } finally {
      release(modules);
    }
  });
}

/** When the evaluations of modules that are under way will have ended. */
function endsOf(modules: readonly nn.Module[]): Promise<void>[] {
  return modules.flatMap((module) => [...(evaluations.get(module)?.underWay ?? [])]);
}

function claim(modules: readonly nn.Module[]): void {
  for (const module of modules) trainings.set(module, (trainings.get(module) ?? 0) + 1);
}

function release(modules: readonly nn.Module[]): void {
  for (const module of modules) {
    const others = (trainings.get(module) ?? 1) - 1;
    if (others > 0) trainings.set(module, others);
    else trainings.delete(module);
  }
}
