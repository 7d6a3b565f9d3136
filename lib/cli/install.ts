import { resolve } from "node:path";
import { Command, Option } from "commander";
import { cacheFolder, fetchLibTorch, installFromFiles } from "../libtorch/index.ts";

interface InstallCommandOptions {
  cuda?: string | true;
  fromFile?: string[];
  dir?: string;
  force?: boolean;
}

export function installCommand(): Command {
  return new Command("install")
    .description("Puts LibTorch where snorkel-torch finds it: into the user's cache.")
    .addOption(
      new Option("--cpu", "the build for the CPU, which is the default").conflicts(["cuda", "fromFile"]),
    )
    .addOption(
      new Option(
        "--cuda [label]",
        "the build for CUDA: the one of this version, or another by its label, such as cu126",
      ),
    )
    .addOption(
      new Option(
        "--from-file <file...>",
        "wheels, a folder of wheels, or a LibTorch archive on this disk",
      ).conflicts("cuda"),
    )
    .option("--dir <dir>", "a folder to use as the cache; name it in SNORKEL_TORCH_CACHE afterwards")
    .option("--force", "replace a LibTorch that is there")
    .action(install);
}

async function install({ cuda, fromFile, dir, force }: InstallCommandOptions): Promise<void> {
  const cache = resolve(dir ?? cacheFolder());
  const flavour = cuda === true ? "cuda" : (cuda ?? "cpu");
  const {
    version,
    flavour: installed,
    folder,
  } = fromFile === undefined
    ? await fetchLibTorch({ cache, flavour, force })
    : await installFromFiles(fromFile, { cache, force });
  console.log(`LibTorch ${version} (${installed}) is in ${folder}`);
  if (cache !== cacheFolder()) console.log(`Programs find it with SNORKEL_TORCH_CACHE=${cache}`);
}
