import { Command } from "commander";
import { compileIntoCache } from "../binary/index.ts";
import { resolveLibTorch } from "../libtorch/index.ts";

export function buildCommand(): Command {
  return new Command("build")
    .description("Compiles snorkel-torch for a LibTorch that the prebuilt addon is not made for.")
    .option("--libtorch <dir>", "the folder of LibTorch; else the one that is used")
    .action(build);
}

function build({ libtorch }: { libtorch?: string }): void {
  const environment = libtorch ? { ...process.env, SNORKEL_TORCH_LIBTORCH: libtorch } : process.env;
  const libTorch = resolveLibTorch({ forBuild: true, environment });
  console.log(`[build] LibTorch ${libTorch.version} (${libTorch.flavour}): ${libTorch.folder}`);
  console.log(`The addon is in ${compileIntoCache(libTorch)}`);
  if (libtorch) console.log(`Programs use it with SNORKEL_TORCH_LIBTORCH=${libTorch.folder}`);
}
