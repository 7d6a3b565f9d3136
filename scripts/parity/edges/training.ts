import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import {
  type DictDataLoader,
  type FitOptions,
  type MultitaskClassifier,
  Scorer,
  seedEverything,
  Trainer,
  type TrainerOptions,
  torch,
} from "snorkel-torch";
import { list } from "./data.ts";
import { differs, type Edge, refused, same } from "./edge.ts";
import { makeLoader, makeModel, makeTask, whole } from "./models.ts";

type Log = Record<string, [step: number, value: number | null][]>;

async function fit(
  loaders: readonly DictDataLoader[] = [makeLoader()],
  options: TrainerOptions = {},
  model: MultitaskClassifier = makeModel(),
  fitOptions: FitOptions = {},
): Promise<Trainer> {
  const trainer = new Trainer({ progressBar: false, nEpochs: 1, ...options });
  await trainer.fit(model, loaders, fitOptions);
  return trainer;
}

const weightOf = (model: MultitaskClassifier) =>
  JSON.stringify(list(model.stateDict()["module_pool.task_head.weight"]));

/** What a Trainer does. */
export function trainingEdges(folder: string): Edge[] {
  const logDir = join(folder, "here", "logs");
  const logOf = async (
    runName: string,
    loaders?: readonly DictDataLoader[],
    options: TrainerOptions = {},
    fitOptions: FitOptions = {},
  ): Promise<Log> => {
    await fit(
      loaders,
      { logging: true, logWriter: "json", logWriterConfig: { logDir, runName }, ...options },
      undefined,
      fitOptions,
    );
    return JSON.parse(readFileSync(join(logDir, runName, "log.json"), "utf8"));
  };
  /** The learning rate after each of three batches, over that at the start. */
  const rates = async (runName: string, options: TrainerOptions = {}) => {
    const logManagerConfig = { counterUnit: "batches", evaluationFreq: 1 } as const;
    const log = await logOf(runName, undefined, { lr: 0.5, logManagerConfig, ...options });
    return (log["model/all/train/lr"] ?? []).map(([, rate]) => (rate ?? Number.NaN) / 0.5);
  };
  const accuracies = (log: Log) => Object.keys(log).filter((name) => name.endsWith("accuracy"));

  return [
    refused(
      "no loader of the training split",
      /Cannot find any dataloaders/,
      /Cannot find any dataloaders/,
      () => fit([makeLoader({ split: "valid" })]),
    ),
    refused("a split that is none of the three", /Dataloader splits must be one of/, /"valid"/, () =>
      fit([makeLoader(), makeLoader({ split: "valid" })], { validSplit: "val" }),
    ),
    differs("a training loader without batches", "trained", /at least one loader with batches/, () =>
      fit([makeLoader({ rows: 3, dropLast: true })]),
    ),
    same("no epoch", {}, async () => (await fit(undefined, { nEpochs: 0 })).metrics),
    refused("an unknown optimizer", /Unrecognized optimizer/, /optimizer/, () =>
      fit(undefined, { optimizer: "foo" as never }),
    ),
    refused("an unknown schedule", /Unrecognized lr scheduler/, /lrScheduler/, () =>
      fit(undefined, { lrScheduler: "foo" as never }),
    ),
    refused("an unknown batch scheduler", /batch scheduler option 'None'/, /batchScheduler.*"foo"/, () =>
      fit(undefined, { batchScheduler: "foo" as never }),
    ),
    refused("an unknown log writer", /Unrecognized writer/, /logWriter/, () =>
      fit(undefined, { logging: true, logWriter: "foo" as never }),
    ),
    refused("an unknown setting", /n_epoch/, /Did you mean "nEpochs"/, () =>
      fit(undefined, { nEpoch: 1 } as never),
    ),
    refused("an unknown setting inside another", /momentun/, /Did you mean "momentum"/, () =>
      fit(undefined, { optimizerConfig: { sgdConfig: { momentun: 0.9 } } as never }),
    ),
    refused("a negative warm-up", /warmup_steps/, /warmupSteps/, () =>
      fit(undefined, { lrSchedulerConfig: { warmupSteps: -1 } }),
    ),
    refused("a warm-up of an unknown unit", /warmup_unit must be/, /warmupUnit/, () =>
      fit(undefined, { lrSchedulerConfig: { warmupSteps: 1, warmupUnit: "points" as never } }),
    ),
    differs("an unknown unit without a warm-up", "trained", /warmupUnit/, () =>
      fit(undefined, { lrSchedulerConfig: { warmupUnit: "points" as never } }),
    ),
    same("a warm-up of one batch", [1, 1, 1], () =>
      rates("batch", { lrSchedulerConfig: { warmupSteps: 1 } }),
    ),
    same("a warm-up of one epoch", [1 / 3, 2 / 3, 1, 1, 1, 1], () =>
      rates("epoch", { lrSchedulerConfig: { warmupSteps: 1, warmupUnit: "epochs" }, nEpochs: 2 }),
    ),
    same("a warm-up of a third of all batches", [1, 0.9, 0.81], () =>
      rates("third", { lrSchedulerConfig: { warmupPercentage: 1 / 3 + 1e-9 }, lrScheduler: "exponential" }),
    ),
    differs("a warm-up of half a batch", /ZeroDivisionError/, [1, 1, 1], () =>
      rates("half", { lrSchedulerConfig: { warmupSteps: 0.5 } }),
    ),
    same("a linear schedule", [2 / 3, 1 / 3, 0], () => rates("linear", { lrScheduler: "linear" })),
    same("a step schedule", [1, 0.5, 0.5], () =>
      rates("step", { lrScheduler: "step", lrSchedulerConfig: { stepConfig: { stepSize: 2, gamma: 0.5 } } }),
    ),
    same("a lowest rate of a falling schedule", [0.9, 0.84, 0.84], () =>
      rates("lowest", { lrScheduler: "exponential", lrSchedulerConfig: { minLr: 0.42 } }),
    ),
    differs("a lowest rate above a constant one", [1, 1, 1], [2, 2, 2], () =>
      rates("constant", { lrSchedulerConfig: { minLr: 1 } }),
    ),
    differs("labels of no task", true, /Did you mean "task"/, () =>
      fit([makeLoader({ labels: { tasc: whole(1) } })]),
    ),
    differs(
      "labels of no task beside those of one",
      ["model/all/train/loss", "model/all/train/lr"],
      ["model/all/train/loss", "model/all/train/lr", "task/points/train/loss"],
      async () => {
        const loader = makeLoader({ labels: { task: whole(1), tasc: whole(1) } });
        return Object.keys(await logOf("beside", [loader], {}, { ignoreLabels: ["tasc"] })).sort();
      },
    ),
    differs("batches all of whose labels are -1", [4, 6], [4, 8, 10], async () => {
      const loader = makeLoader({ labels: { task: whole([-1, -1, -1, -1, 1, 1, 1, 1, 1, 1]) } });
      const logManagerConfig = { counterUnit: "batches", evaluationFreq: 1 } as const;
      const log = await logOf("empty", [loader], { batchScheduler: "sequential", logManagerConfig });
      return log["model/all/train/lr"]?.map(([step]) => step);
    }),
    differs("a loss that is NaN", true, /not finite|NaN/, () => {
      const loader = makeLoader();
      (loader.dataset.xDict.x as torch.Tensor).select(0, 0).fill_(Number.NaN);
      return fit([loader]);
    }),
    differs(
      "a validation split whose name holds that of the training",
      ["task/points/train/accuracy", "task/points/train_dev/accuracy"],
      ["task/points/train_dev/accuracy"],
      async () =>
        accuracies(
          await logOf("substring", [makeLoader(), makeLoader({ split: "train_dev" })], {
            validSplit: "train_dev",
          }),
        ).sort(),
    ),
    same("the test split is not scored", ["task/points/valid/accuracy"], async () =>
      accuracies(
        await logOf(
          "test",
          ["train", "valid", "test"].map((split) => makeLoader({ split })),
        ),
      ),
    ),
    differs("a validation set whose labels are all -1", /Found empty input array/, [[10, null]], async () => {
      const valid = makeLoader({ labels: { task: whole(-1) }, split: "valid" });
      return (await logOf("unlabelled", [makeLoader(), valid]))["task/points/valid/accuracy"];
    }),
    refused(
      "a metric of two classes for three in validation",
      /not supported for multiclass/,
      /labels 0 and 1/,
      () => {
        const valid = makeLoader({
          labels: { task: whole([0, 1, 2, 0, 1, 2, 0, 1, 2]) },
          rows: 9,
          split: "valid",
        });
        return fit(
          [makeLoader(), valid],
          {},
          makeModel(makeTask("task", { scorer: new Scorer({ metrics: ["f1"] }) })),
        );
      },
    ),
    differs(
      "a module that is frozen in evaluation mode",
      [true, true, true],
      [true, false, false],
      async () => {
        const modes: (boolean | undefined)[] = [];
        const task = makeTask("task", {
          lossFunc: (output, labels) => {
            const head = model.modulePool.get("task_head");
            modes.push(head?.training);
            head?.eval();
            return torch.nn.functional.crossEntropy(output, labels);
          },
        });
        const model = makeModel(task);
        const logManagerConfig = { counterUnit: "batches", evaluationFreq: 1 } as const;
        const loaders = [makeLoader(), makeLoader({ split: "valid" })];
        await fit(loaders, { logManagerConfig, stepPrograms: false }, model);
        return modes;
      },
    ),
    differs("the seed of the trainer", false, true, async () => {
      seedEverything(0);
      const weights: string[] = [];
      for (let run = 0; run < 2; run++) {
        const model = makeModel();
        await fit([makeLoader({ shuffle: true, batchSize: 3 })], { seed: 7 }, model);
        weights.push(weightOf(model));
      }
      return weights[0] === weights[1];
    }),
    differs("the settings that were given stay as they were", false, true, async () => {
      const optimizerConfig = { sgdConfig: { momentum: 0.5 } };
      await fit(undefined, { optimizer: "sgd", optimizerConfig });
      return JSON.stringify(optimizerConfig) === '{"sgdConfig":{"momentum":0.5}}';
    }),
    same("the metrics of a second fit", [], async () => {
      const trainer = new Trainer({ progressBar: false });
      await trainer.fit(makeModel(), [makeLoader(), makeLoader({ split: "valid" })]);
      await trainer.fit(makeModel(), [makeLoader()]);
      return Object.keys(trainer.metrics).filter((name) => name.endsWith("accuracy"));
    }),
    same("the modes of modules after a fit", true, async () => {
      const model = makeModel();
      model.eval();
      await fit(undefined, {}, model);
      return model.modulePool.get("task_head")?.training;
    }),
    differs("the folder of an unknown checkpoint folder", /TypeError/, true, async () => {
      const logWriterConfig = { logDir, runName: "checkpoints" };
      const checkpointerConfig = { checkpointDir: null };
      await fit(undefined, {
        logging: true,
        logWriter: "json",
        logWriterConfig,
        checkpointing: true,
        checkpointerConfig,
      });
      return existsSync(join(logDir, "checkpoints/best_model_model_all_train_loss.safetensors"));
    }),
  ];
}
