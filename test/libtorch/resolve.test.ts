import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { LibTorchLoadError, libraryFile, resolveLibTorch } from "../../lib/libtorch/index.ts";
import { temporaryFolder, versionModule } from "./fake-wheel.ts";

const noPython = { PATH: "" };

function putLibTorch(folder: string, version: string, cuda?: string): string {
  mkdirSync(join(folder, "torch", "lib"), { recursive: true });
  writeFileSync(join(folder, "torch", "lib", libraryFile("torch_cpu")), "");
  writeFileSync(join(folder, "torch", "version.py"), versionModule(version, cuda));
  return join(folder, "torch");
}

test("the cache serves, and a CUDA build in it comes first", (context) => {
  const cache = temporaryFolder(context);
  const environment = { ...noPython, SNORKEL_TORCH_CACHE: cache };
  const cpu = putLibTorch(join(cache, "libtorch-2.13.0-cpu"), "2.13.0+cpu");
  assert.deepEqual(resolveLibTorch({ environment }), { folder: cpu, version: "2.13.0", flavour: "cpu" });
  const cuda = putLibTorch(join(cache, "libtorch-2.13.0-cu130"), "2.13.0+cu130", "13.0");
  assert.equal(resolveLibTorch({ environment }).folder, cuda);
  assert.equal(resolveLibTorch({ environment, forBuild: true }).folder, cpu);
});

test("XDG_CACHE_HOME moves the cache", (context) => {
  const home = temporaryFolder(context);
  const folder = putLibTorch(join(home, "snorkel-torch", "libtorch-2.13.0-cpu"), "2.13.0+cpu");
  assert.equal(resolveLibTorch({ environment: { ...noPython, XDG_CACHE_HOME: home } }).folder, folder);
});

test("a folder named in SNORKEL_TORCH_LIBTORCH comes before the cache", (context) => {
  const cache = temporaryFolder(context);
  putLibTorch(join(cache, "libtorch-2.13.0-cpu"), "2.13.0+cpu");
  const folder = putLibTorch(temporaryFolder(context), "2.13.0+cpu");
  const environment = { ...noPython, SNORKEL_TORCH_CACHE: cache, SNORKEL_TORCH_LIBTORCH: folder };
  assert.equal(resolveLibTorch({ environment }).folder, folder);
});

test("a wrong SNORKEL_TORCH_LIBTORCH is an error, not passed over", (context) => {
  const cache = temporaryFolder(context);
  putLibTorch(join(cache, "libtorch-2.13.0-cpu"), "2.13.0+cpu");
  const folder = putLibTorch(temporaryFolder(context), "2.12.1+cpu");
  const environment = { ...noPython, SNORKEL_TORCH_CACHE: cache, SNORKEL_TORCH_LIBTORCH: folder };
  assert.throws(
    () => resolveLibTorch({ environment }),
    (error) => {
      assert.ok(error instanceof LibTorchLoadError);
      assert.deepEqual(error.attempts, [
        { where: `SNORKEL_TORCH_LIBTORCH=${folder}`, reason: `${folder} is LibTorch 2.12.1-cpu, not 2.13.0` },
      ]);
      return true;
    },
  );
  assert.equal(resolveLibTorch({ environment, forBuild: true }).version, "2.12.1");
});

test("a build refuses a release that the sources do not support, and takes a named CUDA build", (context) => {
  const named = (version: string, cuda?: string) => ({
    ...noPython,
    SNORKEL_TORCH_LIBTORCH: putLibTorch(temporaryFolder(context), version, cuda),
  });
  const resolve = (environment: NodeJS.ProcessEnv) => () => resolveLibTorch({ environment, forBuild: true });
  assert.throws(
    resolve(named("2.5.1+cpu")),
    /expected LibTorch 2\.11 to 2\.14.*LibTorch 2\.5\.1-cpu, which the sources do not support\nName a LibTorch 2\.11/s,
  );
  assert.equal(resolve(named("2.11.0+cu130", "13.0"))().flavour, "cu130");
});

test("where nothing is found, the error lists every place and names the command that helps", (context) => {
  const cache = temporaryFolder(context);
  assert.throws(
    () => resolveLibTorch({ environment: { ...noPython, SNORKEL_TORCH_CACHE: cache } }),
    (error) => {
      assert.ok(error instanceof LibTorchLoadError);
      assert.deepEqual(error.attempts.map(({ reason }) => reason).slice(0, 2), ["not set", "no such folder"]);
      assert.match(error.attempts[2]?.reason ?? "", /^neither python/);
      assert.match(error.message, /npx snorkel-torch install/);
      return true;
    },
  );
});

test("the torch of the active Python serves when its version matches", {
  skip: process.platform === "win32",
}, (context) => {
  const site = temporaryFolder(context);
  const folder = putLibTorch(site, "2.13.0+cpu");
  writeFileSync(join(folder, "__init__.py"), "raise SystemExit('torch must not be imported')");
  const environment = {
    PATH: process.env.PATH,
    PYTHONPATH: site,
    SNORKEL_TORCH_CACHE: temporaryFolder(context),
  };
  assert.equal(resolveLibTorch({ environment }).folder, folder);
  writeFileSync(join(folder, "version.py"), versionModule("2.14.1+cpu"));
  assert.throws(
    () => resolveLibTorch({ environment }),
    /the active Python: .* is LibTorch 2\.14\.1-cpu, not 2\.13\.0/,
  );
});
