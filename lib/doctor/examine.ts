import { join } from "node:path";
import { compileRemedy } from "../binary/index.ts";
import { librariesToOpen, libraryFile } from "../libtorch/index.ts";
import { checkBinary } from "./check-binary.ts";
import { checkCuda } from "./check-cuda.ts";
import { checkLibraries } from "./check-libraries.ts";
import { checkNode } from "./check-node.ts";
import { checkPlatform } from "./check-platform.ts";
import { checkThreads } from "./check-threads.ts";
import { checkTraining } from "./check-training.ts";
import type { Finding } from "./finding.ts";

/** Looks at all that snorkel-torch needs, from Node to a training, and gives each finding as it is made. */
export async function* examine(): AsyncGenerator<Finding> {
  yield checkNode();
  yield checkPlatform();
  const { findings, binary } = checkBinary();
  yield* findings;
  if (binary === null) {
    yield* ["Libraries", "Training", "Threads", "CUDA"].map(skipped);
    return;
  }
  const { addon, folder, libTorch } = binary;
  const libraries = await checkLibraries({
    libTorch,
    libraries: librariesToOpen(libTorch),
    addon,
    shim: join(folder, libraryFile("snorkel_torch_shim")),
    compileRemedy: compileRemedy(),
  });
  yield libraries;
  const training = libraries.status !== "failed" ? await checkTraining() : { finding: skipped("Training") };
  yield training.finding;
  const report = training.report;
  yield report ? checkThreads(report.threads) : skipped("Threads");
  yield checkCuda(libTorch, report ? { count: report.cudaDevices, reason: report.cudaReason } : null);
}

function skipped(check: string): Finding {
  return { check, status: "skipped", summary: "not looked at, because of what is wrong above" };
}
