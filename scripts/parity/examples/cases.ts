import type { TrainerOptions } from "snorkel-torch";

/** One `fit`: the tasks that join the model before it, and what it trains on. */
export interface Stage {
  tasks: { name: string; field: string; classes: number }[];
  datasets: string[];
  /** Whether the training loaders shuffle. */
  shuffle: boolean;
  /** Whether the other splits are given to `fit` too. */
  validate: boolean;
  trainer: TrainerOptions;
}

export interface ParityCase {
  name: string;
  workload: "tutorial" | "penguins";
  /** From Python's initial weights, batches in order; or from the seed alone, everything drawn from it. */
  start: "given" | "seed";
  seed: number;
  fit: Stage;
  /** A second `fit` of the same model. */
  secondFit?: Stage;
}

const shapeTask = (shape: string) => ({ name: `${shape}_task`, field: `${shape}_data`, classes: 2 });
const penguinTask = (name: string, classes: number) => ({ name, field: "measures", classes });

const workloads = {
  tutorial: {
    tasks: [shapeTask("circle"), shapeTask("square")],
    datasets: ["circle_dataset", "square_dataset"],
    nEpochs: 2,
  },
  penguins: {
    tasks: [penguinTask("species", 3), penguinTask("island", 3), penguinTask("sex", 2)],
    datasets: ["penguins"],
    nEpochs: 8,
  },
};

const schedules: Record<string, TrainerOptions> = {
  constant: { lrScheduler: "constant" },
  linear: { lrScheduler: "linear" },
  exponential: { lrScheduler: "exponential", lrSchedulerConfig: { exponentialConfig: { gamma: 0.97 } } },
  step: { lrScheduler: "step", lrSchedulerConfig: { stepConfig: { gamma: 0.7, stepSize: 15 } } },
  // Not with the linear schedule, whose first batch Snorkel trains at the full rate.
  "warm-up, minLr": {
    lrScheduler: "exponential",
    lrSchedulerConfig: { warmupPercentage: 0.2, minLr: 0.004 },
  },
};

/** The tutorial as examples/tutorial.ts runs it. */
export function tutorialCase(seed: number): ParityCase {
  const { tasks, datasets } = workloads.tutorial;
  const trainer = { nEpochs: 10, lr: 0.02 };
  const stage = { shuffle: false, validate: true, trainer };
  return {
    name: "examples/tutorial.ts",
    workload: "tutorial",
    start: "seed",
    seed,
    fit: { ...stage, tasks, datasets },
    secondFit: { ...stage, tasks: [shapeTask("inv_circle")], datasets: [...datasets, "inv_circle_dataset"] },
  };
}

/** Every combination of data, optimizer and start, each with a schedule and clipping of its turn. */
export function parityCases(): ParityCase[] {
  const cases: ParityCase[] = [];
  for (const workload of ["tutorial", "penguins"] as const)
    for (const optimizer of ["sgd", "adam", "adamax"] as const)
      for (const start of ["given", "seed"] as const) {
        const { tasks, datasets, nEpochs } = workloads[workload];
        const fromSeed = start === "seed";
        const [schedule = "", scheduler] = Object.entries(schedules)[cases.length % 5] ?? [];
        const gradClip = cases.length % 3 === 0 ? 0 : 0.25;
        const trainer: TrainerOptions = {
          ...scheduler,
          nEpochs,
          lr: 0.02,
          l2: 0.001,
          gradClip,
          optimizer,
          batchScheduler: fromSeed ? "shuffled" : "sequential",
          logManagerConfig: { counterUnit: "batches", evaluationFreq: 1 },
        };
        cases.push({
          name: [workload, optimizer, gradClip ? "clipped" : "unclipped", schedule, start].join(" / "),
          workload,
          start,
          seed: 1 + cases.length,
          fit: { tasks, datasets, shuffle: fromSeed, validate: fromSeed, trainer },
        });
      }
  return cases;
}
