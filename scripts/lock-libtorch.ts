// Writes libtorch.lock.json: the files of PyPI that make up the pinned LibTorch, with their checksums.
//
//   npx tsx scripts/lock-libtorch.ts
//
// pip resolves what a CUDA build needs, from PyPI alone. Of the wheels of several Pythons, which differ in what is not
// taken from them, that for Python 3.12 is locked. PyPI has no CPU build for Linux: it is on PyTorch's own index.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { devNull, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { LibTorchLock, LockedFile } from "../lib/libtorch/lock.ts";
import { libTorchVersion } from "../lib/libtorch/version.ts";

const cudaFlavour = "cu130";

const pipPlatforms = {
  "darwin-arm64": ["macosx_14_0_arm64"],
  "win32-x64": ["win_amd64"],
  "linux-x64": manylinux("x86_64"),
  "linux-arm64": manylinux("aarch64"),
};

/** All that run on glibc 2.28: of one that is named, pip does not take the older ones by itself. */
function manylinux(machine: string): string[] {
  const versions = Array.from({ length: 12 }, (_, i) => `manylinux_2_${28 - i}_${machine}`);
  return [...versions, `manylinux2014_${machine}`];
}

interface Report {
  install: {
    metadata: { name: string };
    download_info: { url: string; archive_info: { hashes: { sha256: string } } };
  }[];
}

function resolveWithPip(platforms: readonly string[], options: readonly string[]): Report {
  const target = mkdtempSync(join(tmpdir(), "lock-"));
  // Neither an index nor a constraint of this machine's configuration belongs into a file for all.
  const env = { ...process.env, PIP_CONFIG_FILE: devNull, PIP_INDEX_URL: "https://pypi.org/simple" };
  for (const name of ["PIP_EXTRA_INDEX_URL", "PIP_FIND_LINKS", "PIP_CONSTRAINT"]) delete env[name as never];
  const python = ["--python-version", "3.12", "--implementation", "cp", "--abi", "cp312", "--abi", "none"];
  try {
    const output = execFileSync(
      "python3",
      [
        ...["-m", "pip", "install", "--dry-run", "--quiet", "--ignore-installed", "--report", "-"],
        ...["--target", target, "--only-binary=:all:", "--use-feature=fast-deps", ...python],
        ...platforms.flatMap((platform) => ["--platform", platform]),
        ...options,
        `torch==${libTorchVersion}`,
      ],
      { encoding: "utf8", env, maxBuffer: 2 ** 28, stdio: ["ignore", "pipe", "inherit"] },
    );
    return JSON.parse(output);
  } finally {
    rmSync(target, { recursive: true, force: true });
  }
}

async function lock(platform: keyof typeof pipPlatforms, options: readonly string[]): Promise<LockedFile[]> {
  const { install } = resolveWithPip(pipPlatforms[platform], options);
  const wanted = install.filter(({ metadata }) => /^(torch$|nvidia-)/.test(metadata.name));
  const files = wanted.map(async ({ download_info: { url, archive_info } }): Promise<LockedFile> => {
    const { ok, status, headers } = await fetch(url, { method: "HEAD" });
    if (!ok) throw new Error(`[lock-libtorch] expected the size of ${url}, got ${status}`);
    const name = decodeURIComponent(new URL(url).pathname.split("/").at(-1) ?? "");
    return { name, url, sha256: archive_info.hashes.sha256, size: Number(headers.get("content-length")) };
  });
  const locked = await Promise.all(files);
  // LibTorch itself first: what is wrong with a source shows before the rest is fetched.
  return locked.sort(
    (a, b) =>
      Number(b.name.startsWith("torch-")) - Number(a.name.startsWith("torch-")) || (a.name < b.name ? -1 : 1),
  );
}

const contents: LibTorchLock = {
  version: libTorchVersion,
  flavours: {
    cpu: {
      "darwin-arm64": await lock("darwin-arm64", ["--no-deps"]),
      "win32-x64": await lock("win32-x64", ["--no-deps"]),
    },
    [cudaFlavour]: {
      "linux-x64": await lock("linux-x64", []),
      "linux-arm64": await lock("linux-arm64", []),
    },
  },
};
const path = resolve(import.meta.dirname, "..", "libtorch.lock.json");
writeFileSync(path, `${JSON.stringify(contents, null, 2)}\n`);
console.log(`wrote ${path}`);
