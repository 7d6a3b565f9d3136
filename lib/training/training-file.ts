import { extname } from "node:path";
import { expected } from "../errors.ts";
import { isPlainObject } from "../options.ts";
import { saveSafetensors } from "../torch/index.ts";
import { readSafetensors } from "../torch/safetensors-file.ts";
import { fromExactJson, toExactJson } from "./exact-json.ts";
import { checkFacts } from "./read-facts.ts";
import { type SavedTraining, trainingKey } from "./saved-training.ts";
import { readTrainerConfig, type TrainerConfig, trainerDefaults } from "./trainer-config.ts";

const where = "Trainer.load";
const version = "1";

/** Writes a training to a safetensors file: tensors by name, and the rest as JSON in its metadata. */
export async function writeTraining(path: string, { tensors, ...rest }: SavedTraining): Promise<void> {
  if (typeof path !== "string" || extname(path) !== ".safetensors")
    throw expected("Trainer.save", "a path that ends in .safetensors", "path", path);
  await saveSafetensors(path, tensors, { version, [trainingKey]: toExactJson(rest) });
}

/**
 * Reads what {@link writeTraining} wrote.
 * @param own - the configuration whose functions stand for those of the training, which no file holds
 */
export async function readTraining(path: string, own: TrainerConfig): Promise<SavedTraining> {
  let saved: Omit<SavedTraining, "tensors"> | null = null;
  const tensors = await readSafetensors(path, "cpu", (header) => {
    saved = readRest(path, header.metadata, own);
    return Object.keys(header.tensors);
  });
  const { facts, ...rest } = saved as unknown as SavedTraining;
  try {
    if (facts !== null) checkFacts(`${where} ${path}`, facts, tensors);
  } catch (error) {
    for (const tensor of Object.values(tensors)) tensor.dispose();
    throw error;
  }
  return { ...rest, facts, tensors };
}

function readRest(
  path: string,
  metadata: Readonly<Record<string, string>> | null,
  own: TrainerConfig,
): Omit<SavedTraining, "tensors"> {
  const text = metadata?.[trainingKey];
  const remedy = "Give the weights of a model to model.load";
  if (text === undefined) throw expected(where, "a file of Trainer.save", "path", path, remedy);
  if (metadata?.version !== version) throw expected(where, `version ${version}`, path, metadata?.version);
  let rest: unknown;
  try {
    rest = fromExactJson(text);
  } catch {
    // Reported below, as what else is damaged.
  }
  if (!isPlainObject(rest) || !isPlainObject(rest.config) || !isPlainObject(rest.metrics))
    throw expected(where, "a configuration and metrics", path, rest);
  const config = readTrainerConfig(withFunctions(rest.config as unknown as TrainerConfig, own));
  return { ...(rest as unknown as SavedTraining), config };
}

/** The one kind of setting that no file holds is taken from the trainer that loads it. */
function withFunctions(config: TrainerConfig, own: TrainerConfig): TrainerConfig {
  const { lambdaConfig, multiplicativeConfig } = own.lrSchedulerConfig;
  const { lrScheduler } = config;
  if (lrScheduler === "lambda" || lrScheduler === "multiplicative") {
    const name = `${lrScheduler}Config` as const;
    const isDefault =
      own.lrSchedulerConfig[name].lrLambda === trainerDefaults.lrSchedulerConfig[name].lrLambda;
    const remedy = "A file holds no functions: give it to the Trainer that loads";
    if (isDefault)
      throw expected(where, "a function", `lrSchedulerConfig.${name}.lrLambda`, undefined, remedy);
  }
  return {
    ...config,
    lrSchedulerConfig: { ...config.lrSchedulerConfig, lambdaConfig, multiplicativeConfig },
  };
}
