import { existsSync, readdirSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { ChecksumError, hashOf } from "./download.ts";
import { LibTorchFetchError, reasonOf } from "./errors.ts";
import { type Archive, type InstallOptions, installLibTorch } from "./install.ts";
import { type LibTorchLock, readLock } from "./lock.ts";
import { progressOn } from "./progress.ts";
import { type LibTorch, libTorchVersion } from "./version.ts";

/**
 * Puts a LibTorch into the user's cache that is on disk: a wheel of torch with the wheels that it needs, or an archive of
 * LibTorch. A folder stands for the wheels in it. A file that the lock knows by name must have the checksum of the lock.
 *
 * @throws LibTorchFetchError if a file is missing, damaged, or of another version; ChecksumError if it is not what it is called.
 */
export async function installFromFiles(
  paths: readonly string[],
  options: InstallOptions & { lock?: LibTorchLock } = {},
): Promise<LibTorch> {
  const archives = paths.flatMap(archivesAt);
  const { progress = progressOn(process.stderr), lock = readLock() } = options;
  const installed = await installLibTorch(null, { ...options, progress }, async () => {
    for (const archive of archives) await checkLocked(archive, lock);
    return archives;
  });
  if (lacksCuda(installed)) {
    progress.say(
      `LibTorch for ${installed.flavour} links libraries of CUDA, and none were among the files. Unless the system has them, name the ` +
        "wheels of NVIDIA too, or a folder of all wheels that pip downloads",
    );
  }
  return installed;
}

/** In the wheels for Linux they lie beside the package, in archives with the other libraries. */
function lacksCuda({ folder, flavour }: LibTorch): boolean {
  if (!flavour.startsWith("cu") || existsSync(join(folder, "..", "nvidia"))) return false;
  return !readdirSync(join(folder, "lib")).some((name) => /cudart/.test(name));
}

function archivesAt(path: string): Archive[] {
  try {
    if (!statSync(path).isDirectory()) return [{ name: basename(path), path }];
    const wheels = readdirSync(path).filter((name) => /^(torch|nvidia_\w+)-.*\.whl$/.test(name));
    if (!wheels.some((name) => name.startsWith("torch-")))
      throw new Error("a folder without a wheel of torch");
    return wheels.map((name) => ({ name, path: join(path, name) }));
  } catch (error) {
    throw new LibTorchFetchError(
      `[libtorch] expected a wheel of torch or an archive of LibTorch in ${path}, got ${reasonOf(error)}`,
      [],
      `Run \`pip download torch==${libTorchVersion} --dest DIR\` where there is a network, and name DIR.`,
      { cause: error },
    );
  }
}

async function checkLocked({ name, path }: Archive, lock: LibTorchLock): Promise<void> {
  const known = Object.values(lock.flavours)
    .flatMap((platforms) => Object.values(platforms).flat())
    .find((file) => file.name === name);
  if (known === undefined || (await hashOf(path)) === known.sha256) return;
  throw new ChecksumError(
    `[libtorch] expected SHA-256 ${known.sha256} for ${path}, got another. Fetch the file again.`,
  );
}
