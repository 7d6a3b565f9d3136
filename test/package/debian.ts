import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const pool = "http://deb.debian.org/debian/pool/main";

/** Whether Debian's packages for this platform can be unpacked, and what they hold run. */
export const runsDebian = process.platform === "linux" && process.arch === "x64";

/**
 * Unpacks packages of Debian into a folder.
 *
 * @throws Error where they cannot be had.
 */
export async function unpackDebian(folder: string, packages: readonly string[]): Promise<void> {
  mkdirSync(folder, { recursive: true });
  for (const name of packages) {
    const response = await fetch(`${pool}/${name}`, { signal: AbortSignal.timeout(30_000) });
    if (!response.ok) throw new Error(`${response.url} answered ${response.status}`);
    const file = join(folder, "package.deb");
    writeFileSync(file, new Uint8Array(await response.arrayBuffer()));
    execFileSync("dpkg-deb", ["-x", file, folder]);
  }
}
