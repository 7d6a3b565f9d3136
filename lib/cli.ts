#!/usr/bin/env node
import { parseArgs } from "node:util";
import { build } from "./cli/build.ts";
import { fetchLibTorch } from "./libtorch/index.ts";

const usage = `Usage: snorkel-torch install [--dir DIR]
       snorkel-torch build [--libtorch DIR]

  install      put LibTorch where snorkel-torch finds it: the user's cache
    --dir DIR  a folder to use as the cache; name it in SNORKEL_TORCH_CACHE afterwards
  build        compile snorkel-torch for a LibTorch that the prebuilt addon is not made for
    --libtorch DIR  its folder; else the one that is used
  --help       show this text`;

async function install(dir: string | undefined): Promise<void> {
  const { version, flavour, folder } = await fetchLibTorch({ cache: dir });
  console.log(`LibTorch ${version} (${flavour}) is in ${folder}`);
}

try {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { dir: { type: "string" }, libtorch: { type: "string" }, help: { type: "boolean", short: "h" } },
  });
  if (values.help) console.log(usage);
  else if (positionals.length === 1 && positionals[0] === "install") await install(values.dir);
  else if (positionals.length === 1 && positionals[0] === "build") build(values.libtorch);
  else
    throw new Error(
      `[cli] expected the command install or build, got ${positionals.join(" ") || "none"}\n\n${usage}`,
    );
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
