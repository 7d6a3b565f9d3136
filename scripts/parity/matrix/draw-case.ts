import type { TrainerOptions } from "snorkel-torch";
import type { Manner, ParityCase } from "./case.ts";
import { Draw } from "./draw.ts";
import { drawLoaders } from "./draw-data.ts";
import { drawModel } from "./draw-model.ts";
import { drawTrainer } from "./draw-trainer.ts";

/** The share of cases with a SliceAwareClassifier. */
const sliceShare = 0.15;

/** The `index`-th case of a seed, the same however many are drawn. */
export function drawCase(seed: number, index: number): ParityCase {
  const draw = new Draw(seed * 100_003 + index);
  const model = drawModel(draw);
  const { train = "train", valid = "valid", test = "test" } = drawSplits(draw);
  const splits: TrainerOptions = { trainSplit: train, validSplit: valid, testSplit: test };
  const loaders = drawLoaders(draw, model, { train, valid, test });
  const trainer = drawTrainer(
    draw,
    { ...model, loaders },
    train === "train" && valid === "valid" ? {} : splits,
  );
  const parityCase: ParityCase = {
    name: `${seed}-${index}`,
    seed: draw.integer(0, 10_000),
    ...model,
    sliceNames: null,
    dataparallel: draw.chance(0.2),
    loaders,
    trainer,
    fits: draw.chance(0.1) ? 2 : 1,
    remapLabels: drawRemapping(draw, model),
  };
  return draw.chance(sliceShare) ? withSlices(draw, parityCase) : parityCase;
}

/** In what manner this package runs a case. */
export function drawManners(seed: number, index: number): Manner[] {
  const draw = new Draw(seed * 100_003 + index + 50_000);
  return [
    { implementation: "foreach", stepPrograms: draw.chance(0.8) },
    { implementation: "fused", stepPrograms: draw.chance(0.8) },
  ];
}

/** Now and then splits of other names, of which one is a part of another. */
function drawSplits(draw: Draw): { train?: string; valid?: string; test?: string } {
  if (!draw.chance(0.1)) return {};
  return draw.oneOf([
    { train: "dev", valid: "heldout" },
    { train: "train", valid: "train_dev" },
  ]);
}

/** Labels scored by another task's head with as many classes, or by none. */
function drawRemapping(draw: Draw, { tasks }: Pick<ParityCase, "tasks">): Record<string, string | null> {
  if (draw.chance(0.5)) return {};
  const { name, classes, loss } = draw.oneOf(tasks);
  const others = tasks.filter((task) => task.classes === classes && task.loss === loss && task.name !== name);
  if (others.length === 0 || draw.chance(0.3)) return { [name]: null };
  return { [name]: draw.oneOf(others).name };
}

/** The same case with a SliceAwareClassifier over its first trunk. */
function withSlices(draw: Draw, parityCase: ParityCase): ParityCase {
  const metrics = ["accuracy", "f1"];
  const label = { name: "task0", kind: "classes" as const, classes: 2, missing: 0 };
  const task = { trunk: 0, takesAllOutputs: false, loss: "crossEntropy" as const, customMetrics: [] };
  return {
    ...parityCase,
    trunks: parityCase.trunks.slice(0, 1),
    tasks: [{ ...task, name: "task0", classes: 2, metrics }],
    sliceNames: ["a", "b", "c"].slice(0, draw.integer(1, 3)),
    loaders: parityCase.loaders.map((loader) => ({ ...loader, labels: [label] })),
    trainer: { ...parityCase.trainer, checkpointing: false, checkpointerConfig: {} },
    remapLabels: {},
  };
}
