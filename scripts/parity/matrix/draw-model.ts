import type { LossName, ParityCase, TaskDescription, TrunkDescription } from "./case.ts";
import type { Draw } from "./draw.ts";

const metricsOfTwoClasses = ["f1", "precision", "recall", "matthews_corrcoef", "roc_auc"];
const metricsOfClasses = ["accuracy", "coverage", "f1_micro", "f1_macro", "matthews_corrcoef"];

/** The trunks and tasks of a case. */
export function drawModel(draw: Draw): Pick<ParityCase, "fields" | "trunks" | "tasks"> {
  const fields = { x: draw.integer(2, 6), y: draw.integer(2, 6) };
  const count = draw.integer(1, 4);
  const areShared = draw.chance(0.7);
  const width = draw.integer(2, 12);
  const trunks = Array.from({ length: areShared ? draw.integer(1, 2) : count }, () =>
    drawTrunk(draw, fields, width),
  );
  const tasks = Array.from({ length: count }, (_, i) =>
    drawTask(draw, `task${i}`, areShared ? draw.integer(0, trunks.length - 1) : i),
  );
  return { fields, trunks, tasks };
}

function drawTrunk(draw: Draw, fields: Record<string, number>, width: number): TrunkDescription {
  const field = draw.oneOf(Object.keys(fields));
  const hidden = draw.chance(0.5) ? [draw.integer(4, 16)] : [];
  return {
    field,
    sizes: [fields[field] ?? 1, ...hidden, width],
    activation: draw.oneOf(["relu", "relu", "tanh", "gelu"]),
    norm: draw.oneOf(["none", "none", "none", "layer", "batch"]),
    dropout: draw.chance(0.3) ? 0.2 : 0,
    isFrozen: draw.chance(0.05),
  };
}

function drawTask(draw: Draw, name: string, trunk: number): TaskDescription {
  const loss = drawLoss(draw);
  const classes = draw.oneOf([2, 2, 3, 5]);
  const takesAllOutputs = draw.chance(0.1);
  if (!isOfClasses(loss))
    return { name, trunk, takesAllOutputs, classes, loss, metrics: [], customMetrics: ["distance"] };
  const fitting = classes === 2 ? [...metricsOfClasses, ...metricsOfTwoClasses] : metricsOfClasses;
  const metrics = draw.someOf(fitting, 0.25);
  // Which no Scorer of Snorkel can compute, and which is for two classes only.
  if (draw.chance(0.02)) metrics.push("fbeta");
  if (classes > 2 && draw.chance(0.04)) metrics.push("f1");
  const customMetrics = draw.chance(0.2) ? ["hits"] : [];
  return { name, trunk, takesAllOutputs, classes, loss, metrics, customMetrics };
}

function drawLoss(draw: Draw): LossName {
  if (draw.chance(0.55)) return "crossEntropy";
  return draw.oneOf([
    "weighted",
    "smoothed",
    "ofRows",
    "withProbs",
    "withProbs",
    "squaredError",
    "binaryCrossEntropy",
  ]);
}

/** Whether a loss is of class numbers. */
export function isOfClasses(loss: LossName): boolean {
  return loss !== "withProbs" && loss !== "squaredError" && loss !== "binaryCrossEntropy";
}
