import { isDeepStrictEqual } from "node:util";
import { countBatches } from "../data/data-loader.ts";
import { type DataLoader, StreamDataLoader } from "../data/index.ts";
import { expected } from "../errors.ts";
import type { MultitaskClassifier } from "../model/index.ts";
import { type Tensor, tensor } from "../torch/index.ts";
import { statesFromTensors, statesToTensors } from "./generator-tensors.ts";
import type { TrainedGroup } from "./param-groups.ts";
import {
  type LoaderFacts,
  type SavedTraining,
  type TrainingFacts,
  tensorsBelow,
  tensorsByPlace,
} from "./saved-training.ts";
import type { TrainingParts, TrainingState } from "./training-state.ts";

/** All that a training would need to go on from here. The tensors are the training's own, and some that are made. */
export function captureTraining(state: TrainingState): Pick<SavedTraining, "facts" | "tensors"> {
  const { parts, groups, draws, history } = state;
  const { model, remapLabels } = parts;
  const facts: TrainingFacts = {
    loaders: loaderFacts(parts),
    remapLabels,
    parameters: parameterNames(model, groups),
    modes: model.modules().map((module) => module.training),
    ...{
      epoch: state.epoch,
      position: state.position,
      due: { ...state.due, names: [...state.due.names] },
      checkpoint: state.checkpoint,
    },
    history,
    logManager: state.logManager.state(),
    learningRates: state.learningRates.state(history.batches),
    averaging: state.averaging.state(),
    checkpointer: state.checkpointer?.state() ?? null,
    earlyStopping: state.earlyStopping.state(),
    losses: state.losses.names,
    runName: state.writer.runName,
    marks: draws.marks.map(({ position }) => position),
  };
  const { state: optimizerState } = state.optimizer.stateDict();
  const tensors: Record<string, Tensor> = {
    ...named("model", model.stateDict()),
    ...Object.assign({}, ...Object.entries(optimizerState).map(([i, own]) => named(`optimizer/${i}`, own))),
    ...named("averages", state.averaging.averages),
    ...named("gradients", state.accumulation.sums?.tensors() ?? []),
    ...named("best", state.earlyStopping.weights),
    ...named("losses", { sums: tensor(state.losses.losses), points: tensor(state.losses.points) }),
    ...statesToTensors("generators/now", draws.now),
    ...(draws.opened === null ? {} : statesToTensors("generators/opened", draws.opened)),
  };
  for (const { position, states } of draws.marks)
    Object.assign(tensors, statesToTensors(`generators/marks/${position}`, states));
  return { facts, tensors };
}

/**
 * Checks that a training can go on from what was saved of another.
 * @throws TypeError for other loaders or parameters.
 */
export function checkContinuable(
  facts: TrainingFacts,
  parts: TrainingParts,
  groups: readonly TrainedGroup[],
): void {
  const now = { loaders: loaderFacts(parts), remapLabels: parts.remapLabels };
  for (const [name, what] of [
    ["loaders", "the loaders (name, split, batches) of the training that was saved,"],
    ["remapLabels", "the remapLabels of the training that was saved,"],
  ] as const) {
    if (!isDeepStrictEqual(facts[name], now[name])) throw mismatch(what, name, facts[name], now[name]);
  }
  const most = `at most ${countBatches(parts.train)} batches of an epoch`;
  if (facts.position > countBatches(parts.train))
    throw expected("Trainer.fit", most, "what was saved", facts.position);
  const parameters = parameterNames(parts.model, groups);
  const i = parameters.findIndex((name, i) => name !== facts.parameters[i]);
  if (i < 0 && parameters.length === facts.parameters.length) return;
  const [saved, own] =
    i < 0 ? [facts.parameters.length, parameters.length] : [facts.parameters[i], parameters[i]];
  throw mismatch("the parameters of the training that was saved,", "the model", saved, own);
}

function mismatch(what: string, name: string, saved: unknown, now: unknown): TypeError {
  const remedy = `What was saved says ${JSON.stringify(saved)}`;
  return expected("Trainer.fit", what, name, JSON.stringify(now), remedy);
}

/** The names and the modes of its modules are the model's own affair, as far as they are as many. */
function restoreModes(model: MultitaskClassifier, modes: readonly boolean[]): void {
  const modules = model.modules();
  if (modules.length !== modes.length) return;
  for (const [i, module] of modules.entries()) module.training = modes[i] === true;
}

/** Puts a training where the one that was saved stood. To be called once `checkContinuable` has passed. */
export function restoreTraining(
  state: TrainingState,
  facts: TrainingFacts,
  tensors: Record<string, Tensor>,
): void {
  const places = facts.parameters.map((_, i) => [i, tensorsBelow(tensors, `optimizer/${i}`)] as const);
  const kept = places.filter(([, own]) => Object.keys(own).length > 0);
  const { param_groups } = state.optimizer.stateDict();
  state.optimizer.loadStateDict({ state: Object.fromEntries(kept), param_groups });
  state.accumulation.sums?.load(tensorsByPlace(tensors, "gradients", facts.parameters.length));
  const averages = tensorsByPlace(tensors, "averages", Object.keys(tensorsBelow(tensors, "averages")).length);
  state.averaging.restore(facts.averaging, averages as Tensor[]);
  state.earlyStopping.restore(facts.earlyStopping, tensorsBelow(tensors, "best"));
  const { sums, points } = tensorsBelow(tensors, "losses") as { sums: Tensor; points: Tensor };
  state.losses.restore(
    facts.losses,
    sums.toTypedArray() as Float64Array,
    points.toTypedArray() as Float64Array,
  );
  state.logManager.restore(facts.logManager);
  state.learningRates.restore(facts.history.batches, facts.learningRates);
  if (facts.checkpointer !== null) state.checkpointer?.restore(facts.checkpointer);
  Object.assign(state, { epoch: facts.epoch, position: facts.position, checkpoint: facts.checkpoint });
  Object.assign(state.history, structuredClone(facts.history));
  state.due = { ...facts.due, names: [...facts.due.names] };
  restoreModes(state.parts.model, facts.modes);
  const marks = facts.marks.map((position) => ({
    position,
    states: statesOf(`generators/marks/${position}`, tensors),
  }));
  const opened = statesFromTensors("generators/opened", tensors);
  state.standAt({ opened, marks, now: statesOf("generators/now", tensors) });
}

function statesOf(prefix: string, tensors: Record<string, Tensor>) {
  const states = statesFromTensors(prefix, tensors);
  if (states === null) throw expected("Trainer.load", "the states of generators", prefix, states);
  return states;
}

function named(
  prefix: string,
  tensors: Readonly<Record<string, Tensor>> | readonly (Tensor | null)[],
): Record<string, Tensor> {
  const there = Object.entries(tensors).filter((entry): entry is [string, Tensor] => entry[1] !== null);
  return Object.fromEntries(there.map(([name, value]) => [`${prefix}/${name}`, value]));
}

function loaderFacts({ train, valid }: TrainingParts): LoaderFacts[] {
  return [...train, ...valid].map((loader) => {
    const { name, split } = loader.dataset;
    return { name, split, batches: batchesOf(loader) };
  });
}

/** How many batches a pass has; null for a stream that does not say so. */
function batchesOf(loader: DataLoader): number | null {
  return loader instanceof StreamDataLoader ? loader.options.length : loader.length;
}

/** The names of the optimizer's parameters, in its order. */
function parameterNames(model: MultitaskClassifier, groups: readonly TrainedGroup[]): string[] {
  const names = new Map(model.namedParameters().map(([name, parameter]) => [parameter, name]));
  return groups.flatMap(({ parameters }) => parameters.map((parameter) => names.get(parameter) ?? ""));
}
