import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { libTorchVersion, resolveLibTorch } from "../../lib/libtorch/index.ts";

const { folder, version } = resolveLibTorch();
const yaml = join(folder, "..", "torchgen/packaged/ATen/native/native_functions.yaml");
const reason =
  version === libTorchVersion
    ? existsSync(yaml)
      ? false
      : `${folder} is no wheel, so it has no native_functions.yaml`
    : `the files are those of LibTorch ${libTorchVersion}, this is ${version}`;

test("the generated operators are current", { skip: reason }, () => {
  const run = spawnSync(
    process.execPath,
    ["--import", "tsx", "scripts/generate-operators.ts", "--check", yaml],
    {
      encoding: "utf8",
    },
  );
  assert.equal(run.status, 0, run.stderr);
});
