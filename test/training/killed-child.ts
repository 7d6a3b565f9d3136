// A training with checkpoints in a process of its own, which goes on from its last checkpoint if there is one. When it has
// ended it prints what came of it.
//
//   node killed-child.ts FOLDER
import { existsSync } from "node:fs";
import { join } from "node:path";
import { seedEverything } from "../../lib/data/index.ts";
import { setNumThreads } from "../../lib/torch/index.ts";
import { Trainer } from "../../lib/training/index.ts";
import { everything, outcomeOf } from "./resume-runs.ts";

const folder = process.argv[2] as string;
const checkpointDir = join(folder, "checkpoints");
const logDir = join(folder, "logs");
const state = join(checkpointDir, "trainer_state.safetensors");

setNumThreads(1);
seedEverything(7);
const loaders = everything.loaders();
const model = everything.model();
const trainer = new Trainer({
  ...everything.options,
  ...{ progressBar: false, seed: 3, nEpochs: 25 },
  ...{ logging: true, logWriter: "json", logWriterConfig: { logDir, runName: "run" } },
  checkpointing: true,
  checkpointerConfig: { checkpointDir, checkpointTopK: 2 },
});
const isContinued = existsSync(state);
if (isContinued) await trainer.load(state, model);
process.stdout.write("begin\n");
const outcome = await outcomeOf(trainer, await trainer.fit(model, loaders), logDir);
process.stdout.write(`${JSON.stringify({ isContinued, outcome })}\n`);
