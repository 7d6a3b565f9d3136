import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, parse } from "node:path";
import {
  Checkpointer,
  type CheckpointerOptions,
  JsonLogWriter,
  LogManager,
  type LogManagerOptions,
  TensorBoardWriter,
} from "snorkel-torch";
import { differs, type Edge, refused, same } from "./edge.ts";
import { makeModel } from "./models.ts";

const metric = "task/data/valid/f1";

/** After each batch: whether to evaluate, and to checkpoint; then the totals. */
function triggers(sizes: number[], options: Partial<LogManagerOptions> = {}): unknown[] {
  const manager = new LogManager({ nBatchesPerEpoch: 4, checkpointFactor: 1, ...options });
  const steps = sizes.map((size) => {
    manager.update(size);
    return [manager.triggerEvaluation(), manager.triggerCheckpointing()];
  });
  return [steps, manager.pointTotal, manager.batchTotal, manager.epochTotal, manager.unitTotal];
}

const [neither, evaluation, both] = [
  [false, false],
  [true, false],
  [true, true],
];

/** Triggers, checkpoints, log writers. */
export function loggingEdges(folder: string): Edge[] {
  const checkpointer = (directory: string, options: CheckpointerOptions = {}) =>
    new Checkpointer({
      counterUnit: "batches",
      checkpointDir: join(folder, "here", directory),
      checkpointMetric: `${metric}:max`,
      ...options,
    });

  /** The best values and the files after a checkpoint with each of the values. */
  const checkpoints = async (
    directory: string,
    values: (number | Record<string, number>)[],
    { clear = false, ...options }: CheckpointerOptions & { clear?: boolean } = {},
  ) => {
    const own = checkpointer(directory, options);
    for (const [iteration, metrics] of values.entries())
      await own.checkpoint(
        iteration,
        makeModel(),
        typeof metrics === "number" ? { [metric]: metrics } : metrics,
      );
    if (clear) await own.clear();
    return [own.bestMetrics, namesIn(directory)];
  };
  const namesIn = (directory: string) =>
    readdirSync(join(folder, "here", directory))
      .map((name) => parse(name).name)
      .sort();
  const best = "best_model_task_data_valid_f1";
  const logDir = join(folder, "here", "logs");
  const read = (path: string) => JSON.parse(readFileSync(join(logDir, path), "utf8"));

  return [
    same(
      "triggers of whole epochs",
      [[neither, neither, neither, evaluation, neither, neither, neither, both, neither], 72, 9, 2.25, 2.25],
      () => triggers(new Array(9).fill(8), { checkpointFactor: 2 }),
    ),
    same(
      "triggers of fractions of epochs",
      [[neither, both, neither, both, neither, both], 48, 6, 1.5, 1.5],
      () => triggers(new Array(6).fill(8), { counterUnit: "epochs", evaluationFreq: 0.4 }),
    ),
    same("triggers of batches", [[neither, evaluation, neither, both], 25, 4, 1, 4], () =>
      triggers([5, 5, 10, 5], { checkpointFactor: 2, counterUnit: "batches", evaluationFreq: 2 }),
    ),
    same("triggers of points", [[neither, both, neither, both, neither], 40, 5, 1.25, 40], () =>
      triggers(new Array(5).fill(8), { counterUnit: "points", evaluationFreq: 10 }),
    ),
    refused("an unknown counter unit", /Unrecognized counter_unit/, /counterUnit/, () =>
      triggers([1], { counterUnit: "macaroni" as never }),
    ),
    differs("an evaluation frequency of 0", [[both, both], 16, 2, 0.5, 2], /evaluationFreq/, () =>
      triggers([8, 8], { counterUnit: "batches", evaluationFreq: 0 }),
    ),
    same(
      "the best value is the highest",
      [{ [metric]: 0.7 }, [best, "checkpoint_0", "checkpoint_1", "checkpoint_2", "checkpoint_3"]],
      () => checkpoints("highest", [0.5, 0.7, 0.7, 0.6]),
    ),
    same(
      "the best value is the lowest",
      [{ [metric]: 0.2 }, [best, "checkpoint_0", "checkpoint_1", "checkpoint_2"]],
      () => checkpoints("lowest", [0.5, 0.7, 0.2], { checkpointMetric: `${metric}:min` }),
    ),
    same("no checkpoint before the runway", [{ [metric]: 0.6 }, [best, "checkpoint_1", "checkpoint_2"]], () =>
      checkpoints("runway", [0.9, 0.5, 0.6], { checkpointRunway: 1 }),
    ),
    differs(
      "checkpoints of epochs have a point in their names",
      [`${best}.pth`, "checkpoint_1.0.pth", "checkpoint_1.5.pth"],
      [`${best}.safetensors`, "checkpoint_1.0.safetensors", "checkpoint_1.5.safetensors"],
      async () => {
        const own = checkpointer("names", { counterUnit: "epochs" });
        for (const iteration of [1, 1.5]) await own.checkpoint(iteration, makeModel(), { [metric]: 0.5 });
        return readdirSync(join(folder, "here/names")).sort();
      },
    ),
    same(
      "best models of several metrics",
      [{ [metric]: 0.5, "a/b/c/d": 2 }, ["best_model_a_b_c_d", best, "checkpoint_0", "checkpoint_1"]],
      () =>
        checkpoints(
          "several",
          [
            { [metric]: 0.5, "a/b/c/d": 3 },
            { [metric]: 0.4, "a/b/c/d": 2 },
          ],
          { checkpointTaskMetrics: ["a/b/c/d:min"] },
        ),
    ),
    same("clearing leaves the best model", [{ [metric]: 0.6 }, [best]], () =>
      checkpoints("clear", [0.5, 0.6], { clear: true }),
    ),
    same("not clearing leaves all", [{ [metric]: 0.6 }, [best, "checkpoint_0", "checkpoint_1"]], () =>
      checkpoints("keep", [0.5, 0.6], { clear: true, checkpointClear: false }),
    ),
    differs("clearing without a best model", [{}, []], [{}, ["checkpoint_1"]], () =>
      checkpoints("none", [{ "a/b/c/d": 1 }, { "a/b/c/d": 1 }], { clear: true }),
    ),
    differs(
      "clearing beside the checkpoints of another run",
      [{ [metric]: 0.5 }, [best]],
      [{ [metric]: 0.5 }, [best, "checkpoint_9"]],
      () => {
        mkdirSync(join(folder, "here/beside"), { recursive: true });
        writeFileSync(join(folder, "here/beside/checkpoint_9.safetensors"), "");
        return checkpoints("beside", [0.5], { clear: true });
      },
    ),
    differs(
      "a first value of NaN",
      [{ [metric]: Number.NaN }, [best, "checkpoint_0", "checkpoint_1", "checkpoint_2"]],
      [{ [metric]: 0.6 }, [best, "checkpoint_0", "checkpoint_1", "checkpoint_2"]],
      () => checkpoints("nan", [Number.NaN, 0.5, 0.6]),
    ),
    refused("a checkpoint factor of 0", /Invalid checkpoint freq/, /checkpointFactor/, () =>
      checkpointer("factor", { checkpointFactor: 0 }),
    ),
    refused("a negative runway", /Invalid checkpoint_runway/, /checkpointRunway/, () =>
      checkpointer("negative", { checkpointRunway: -1 }),
    ),
    refused("a checkpoint metric of one part", /must be formatted/, /task\/dataset\/split\/metric:mode/, () =>
      checkpointer("one", { checkpointMetric: "accuracy:max" }),
    ),
    refused(
      "a checkpoint metric without a mode",
      /'metric_name:mode'/,
      /task\/dataset\/split\/metric:mode/,
      () => checkpointer("mode", { checkpointMetric: `${metric}-max` }),
    ),
    refused(
      "a checkpoint metric of an unknown mode",
      /Unrecognized checkpoint metric mode/,
      /mode "min" or "max"/,
      () => checkpointer("unknown", { checkpointMetric: `${metric}:mode` }),
    ),
    differs("a checkpoint metric whose name holds a colon", /'metric_name:mode'/, "made", () => {
      checkpointer("colon", { checkpointMetric: "task_slice:a_pred/data/valid/f1:max" });
      return "made";
    }),
    differs("a task metric of one part", "made", /task\/dataset\/split\/metric:mode/, () =>
      checkpointer("part", { checkpointTaskMetrics: ["accuracy:max"] }),
    ),
    refused(
      "a checkpoint folder of none",
      /TypeError/,
      /checkpointDir/,
      () => new Checkpointer({ checkpointDir: null }),
    ),
    same(
      "scalars in log.json",
      {
        value: [
          [2, 0.5],
          [4, 0.25],
        ],
      },
      async () => {
        const writer = new JsonLogWriter({ logDir, runName: "scalars" });
        writer.addScalar("value", 0.5, 2);
        writer.addScalar("value", 0.25, 4);
        await writer.cleanup();
        return read("scalars/log.json");
      },
    ),
    same("texts and JSON of a run", ["words", { a: 1 }], async () => {
      const writer = new JsonLogWriter({ logDir, runName: "texts" });
      await writer.writeText("words", "words.txt");
      await writer.writeJson({ a: 1 }, "own.json");
      return [readFileSync(join(logDir, "texts/words.txt"), "utf8"), read("texts/own.json")];
    }),
    differs("log.json of a TensorBoardWriter", false, true, async () => {
      const writer = new TensorBoardWriter({ logDir, runName: "board" });
      writer.addScalar("value", 0.5, 2);
      await writer.cleanup();
      return existsSync(join(logDir, "board/log.json"));
    }),
  ];
}
