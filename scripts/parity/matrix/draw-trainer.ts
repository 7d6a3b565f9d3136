import type { TrainerOptions } from "snorkel-torch";
import type { LoaderDescription, ParityCase } from "./case.ts";
import type { Draw } from "./draw.ts";

/** The settings of a case's Trainer. The folders for its files are for each side to add. */
export function drawTrainer(
  draw: Draw,
  { tasks, loaders }: Pick<ParityCase, "tasks" | "loaders">,
  splits: Pick<TrainerOptions, "trainSplit" | "validSplit" | "testSplit">,
): TrainerOptions {
  const counterUnit = draw.oneOf(["epochs", "epochs", "batches", "points"] as const);
  const evaluationFreq = draw.oneOf(frequencies[counterUnit]);
  const lr = draw.scale(0.002, 0.1);
  const isCheckpointing = draw.chance(0.5);
  return {
    ...splits,
    ...(draw.chance(0.2) ? { seed: draw.integer(0, 1000) } : {}),
    nEpochs: draw.integer(1, 3),
    lr,
    l2: draw.oneOf([0, 0, 0.001, 0.1]),
    gradClip: draw.oneOf([null, 0, 0.05, 0.3, 1, 1, 20]),
    progressBar: false,
    ...drawOptimizer(draw),
    ...drawSchedule(draw, lr),
    batchScheduler: draw.oneOf(["shuffled", "sequential"]),
    logManagerConfig: { counterUnit, evaluationFreq },
    logging: draw.chance(0.9),
    logWriter: draw.chance(0.8) ? "json" : "tensorboard",
    checkpointing: isCheckpointing,
    ...(isCheckpointing
      ? { checkpointerConfig: drawCheckpointer(draw, counterUnit, tasks, loaders, splits) }
      : {}),
  };
}

const frequencies = {
  epochs: [0.2, 0.33, 0.5, 1, 1, 1, 2],
  batches: [1, 3, 7],
  points: [1, 20, 33, 50],
};

function drawOptimizer(draw: Draw): TrainerOptions {
  const optimizer = draw.oneOf(["sgd", "adam", "adamax"] as const);
  if (draw.chance(0.5)) return { optimizer };
  const betas = [draw.oneOf([0.5, 0.9]), draw.oneOf([0.9, 0.99])] as const;
  const configs = {
    sgd: { sgdConfig: { momentum: draw.oneOf([0, 0.5, 0.99]) } },
    adam: { adamConfig: { amsgrad: draw.chance(0.5), betas } },
    adamax: { adamaxConfig: { betas, eps: draw.oneOf([1e-8, 1e-3]) } },
  };
  return { optimizer, optimizerConfig: configs[optimizer] };
}

function drawSchedule(draw: Draw, lr: number): TrainerOptions {
  const lrScheduler = draw.oneOf(["constant", "linear", "exponential", "step"] as const);
  return {
    lrScheduler,
    lrSchedulerConfig: {
      ...drawWarmup(draw),
      minLr: draw.chance(0.7) ? 0 : lr * draw.oneOf([0.01, 0.3, 0.9, 1.5]),
      ...(draw.chance(0.5) ? { exponentialConfig: { gamma: draw.oneOf([0.5, 0.97, 1.02]) } } : {}),
      ...(draw.chance(0.5)
        ? { stepConfig: { gamma: draw.oneOf([0.3, 0.9]), stepSize: draw.integer(1, 9) } }
        : {}),
    },
  };
}

function drawWarmup(draw: Draw): NonNullable<TrainerOptions["lrSchedulerConfig"]> {
  if (draw.chance(0.5)) return {};
  if (draw.chance(0.4)) return { warmupPercentage: draw.oneOf([0.02, 0.1, 0.5, 1]) };
  const warmupUnit = draw.oneOf(["batches", "epochs"] as const);
  const steps = { batches: [1, 2, 5, 2.5, 0.5], epochs: [0.5, 1, 1.5, 0.1] };
  return { warmupUnit, warmupSteps: draw.oneOf(steps[warmupUnit]) };
}

function drawCheckpointer(
  draw: Draw,
  unit: "epochs" | "batches" | "points",
  tasks: ParityCase["tasks"],
  loaders: readonly LoaderDescription[],
  { trainSplit, validSplit }: Pick<TrainerOptions, "trainSplit" | "validSplit">,
): NonNullable<TrainerOptions["checkpointerConfig"]> {
  const metrics = loaders
    .filter(({ split }) => split === (validSplit ?? "valid"))
    .flatMap(({ dataset, split, labels }) =>
      labels.flatMap(({ name }) =>
        (tasks.find((task) => task.name === name)?.metrics ?? []).map(
          (metric) => `${name}/${dataset}/${split}/${metric}`,
        ),
      ),
    );
  const drawMetric = () => {
    if (draw.chance(0.06)) return `nowhere/data0/${trainSplit ?? "train"}/accuracy:max`;
    if (metrics.length === 0 || draw.chance(0.4))
      return `model/all/train/loss:${draw.oneOf(["min", "min", "max"])}`;
    return `${draw.oneOf(metrics)}:${draw.oneOf(["max", "max", "min"])}`;
  };
  const runways = { epochs: [0.5, 1, 9], batches: [2, 5, 999], points: [7, 30, 9999] };
  const checkpointMetric = drawMetric();
  const others = [drawMetric(), drawMetric()].filter(
    (metric, i, all) =>
      ![checkpointMetric, ...all.slice(0, i)].some((other) => other.split(":")[0] === metric.split(":")[0]),
  );
  return {
    checkpointMetric,
    checkpointTaskMetrics: draw.chance(0.4) ? others : null,
    checkpointFactor: draw.oneOf([1, 1, 2, 3]),
    checkpointRunway: draw.chance(0.7) ? 0 : draw.oneOf(runways[unit]),
    checkpointClear: draw.chance(0.6),
  };
}
