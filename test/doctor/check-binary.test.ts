import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { addonFile, packageVersion, versionFile } from "../../lib/binary/index.ts";
import { checkBinary } from "../../lib/doctor/check-binary.ts";
import { libraryFile } from "../../lib/libtorch/index.ts";
import { temporaryFolder, versionModule } from "../libtorch/fake-wheel.ts";

function putAddon(folder: string, version: string): string {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, addonFile), "");
  writeFileSync(join(folder, versionFile), `${version}\n`);
  return join(folder, addonFile);
}

function putLibTorch(folder: string, version: string): string {
  mkdirSync(join(folder, "torch", "lib"), { recursive: true });
  writeFileSync(join(folder, "torch", "lib", libraryFile("torch_cpu")), "");
  writeFileSync(join(folder, "torch", "version.py"), versionModule(`${version}+cpu`));
  return join(folder, "torch");
}

/** A package and a cache of its own. */
function emptyPlaces(context: TestContext) {
  const root = temporaryFolder(context);
  const cache = temporaryFolder(context);
  return { root, cache, environment: { PATH: "", SNORKEL_TORCH_CACHE: cache } };
}

test("an addon and the LibTorch for it are found, each with where it is", (context) => {
  const { root, cache, environment } = emptyPlaces(context);
  const addon = putAddon(join(root, "build", "Release"), "2.13.0");
  const folder = putLibTorch(join(cache, "libtorch-2.13.0-cpu"), "2.13.0");
  const { findings, binary } = checkBinary({ root, environment });
  assert.deepEqual(
    findings.map(({ status, summary }) => `${status}: ${summary}`),
    [`ok: ${addon} (the build of a checkout), for LibTorch 2.13.0`, `ok: 2.13.0 (cpu) in ${folder}`],
  );
  assert.equal(binary?.addon, addon);
});

test("a LibTorch that is named says so", (context) => {
  const { root, environment } = emptyPlaces(context);
  putAddon(join(root, "build", "Release"), "2.13.0");
  const folder = putLibTorch(temporaryFolder(context), "2.13.0");
  const { findings } = checkBinary({ root, environment: { ...environment, SNORKEL_TORCH_LIBTORCH: folder } });
  assert.deepEqual(findings[1]?.details, [`from SNORKEL_TORCH_LIBTORCH=${folder}`]);
});

test("without an addon, the command that compiles one; LibTorch is looked for all the same", (context) => {
  const { root, cache, environment } = emptyPlaces(context);
  putLibTorch(join(cache, "libtorch-2.13.0-cpu"), "2.13.0");
  const { findings, binary } = checkBinary({ root, environment });
  const [addon, libTorch] = findings;
  assert.equal(binary, null);
  assert.deepEqual([addon?.status, libTorch?.status], ["failed", "ok"]);
  assert.match(addon !== undefined && "fix" in addon ? addon.fix : "", /npx snorkel-torch build/);
});

test("the LibTorch that is looked for is the one that the addon was compiled against", (context) => {
  const { root, cache, environment } = emptyPlaces(context);
  putAddon(join(root, "build", "Release"), "2.12.1");
  putLibTorch(join(cache, "libtorch-2.13.0-cpu"), "2.13.0");
  const { findings, binary } = checkBinary({ root, environment });
  assert.equal(binary, null);
  assert.deepEqual(
    findings.map(({ status }) => status),
    ["ok", "failed"],
  );
  assert.match(findings[1]?.details?.join() ?? "", /libtorch-2\.12\.1-cpu: no such folder/);
});

test("an addon and a LibTorch that do not go together are a failure", (context) => {
  const { root, cache, environment } = emptyPlaces(context);
  putAddon(join(cache, `build-${packageVersion}-libtorch-2.13.0-cu130`), "2.13.0");
  putLibTorch(join(cache, "libtorch-2.13.0-cpu"), "2.13.0");
  const { findings, binary } = checkBinary({ root, environment });
  assert.equal(binary, null);
  assert.deepEqual(
    findings.map(({ status }) => status),
    ["failed", "ok"],
  );
  assert.match(findings[0]?.details?.join() ?? "", /compiled for cu130, and the LibTorch in use is/);
});
