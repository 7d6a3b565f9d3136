import type { LabelDescription, LoaderDescription, LossName, ParityCase, TaskDescription } from "./case.ts";
import type { Draw } from "./draw.ts";

interface Splits {
  train: string;
  valid: string;
  test: string;
}

/** The loaders of a case: one to three to train on, up to two to validate on, maybe one to test on. */
export function drawLoaders(
  draw: Draw,
  { fields, tasks }: Pick<ParityCase, "fields" | "tasks">,
  splits: Splits,
): LoaderDescription[] {
  const missing = draw.oneOf([0, 0, 0.1, 0.4]);
  const hasGap = draw.chance(0.12);
  const make = (dataset: string, split: string): LoaderDescription => {
    const rows = draw.integer(6, 28);
    const batchSize = draw.oneOf([1, 3, 4, 8, 8, 16]);
    const isTraining = split === splits.train;
    const chosen = isTraining ? draw.someOf(tasks, 0.8) : draw.someOf(tasks, 0.9);
    return {
      dataset,
      split,
      rows,
      fields: Object.keys(fields),
      labels: [
        ...chosen.map((task) => labelOf(task, missing)),
        ...(draw.chance(0.05) ? [labelOf({ name: "stray", classes: 2, loss: "crossEntropy" }, 0)] : []),
      ],
      gap:
        isTraining && hasGap
          ? { start: draw.integer(0, rows), length: 2 * batchSize }
          : { start: 0, length: 0 },
      batchSize,
      shuffle: isTraining ? draw.chance(0.6) : draw.chance(0.1),
      dropLast: draw.chance(0.15) && rows >= batchSize,
    };
  };
  const training = draw.integer(1, 3);
  const validating = draw.oneOf([0, 1, 1, 1, 2]);
  const loaders = [
    ...Array.from({ length: training }, (_, i) => make(`data${i}`, splits.train)),
    ...Array.from({ length: validating }, (_, i) =>
      make(draw.chance(0.1) ? "data0" : `data${i}`, splits.valid),
    ),
    ...(draw.chance(0.3) ? [make("data0", splits.test)] : []),
  ];
  withoutLabels(draw, loaders, splits);
  return loaders;
}

/** Now and then a validation set all of whose labels for one task are -1. */
function withoutLabels(draw: Draw, loaders: LoaderDescription[], { valid }: Splits): void {
  const label = loaders.find(({ split }) => split === valid)?.labels[0];
  if (label !== undefined && draw.chance(0.04)) label.missing = 1;
}

function labelOf(
  { name, classes, loss }: Pick<TaskDescription, "name" | "classes" | "loss">,
  missing: number,
): LabelDescription {
  return { name, kind: labelKind(loss), classes, missing };
}

function labelKind(loss: LossName): LabelDescription["kind"] {
  if (loss === "withProbs") return "soft";
  if (loss === "squaredError") return "real";
  return loss === "binaryCrossEntropy" ? "binary" : "classes";
}
