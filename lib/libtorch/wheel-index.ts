/** A wheel in a package index. */
export interface Wheel {
  name: string;
  url: URL;
  /** SHA-256 of the file, where the index gives it. */
  sha256?: string;
}

const platformTags: Record<string, RegExp> = {
  "linux-x64": /^(manylinux\w*|linux)_x86_64$/,
  "linux-arm64": /^(manylinux\w*|linux)_aarch64$/,
  "darwin-arm64": /^macosx_\w*_arm64$/,
  "win32-x64": /^win_amd64$/,
  "win32-arm64": /^win_arm64$/,
};

/** The platforms that PyTorch publishes LibTorch for. */
export const libTorchPlatforms: readonly string[] = Object.keys(platformTags);

/**
 * Finds the CPU wheel of a version for this platform in the page of an index. What differs between the wheels of two
 * Pythons is only what is not taken from them, so any will do; the newest is taken.
 *
 * @throws Error that says what the index lacks.
 */
export function findWheel(page: string, indexUrl: URL, version: string): Wheel {
  const platform = `${process.platform}-${process.arch}`;
  const tag = platformTags[platform];
  if (tag === undefined) throw new Error(`PyTorch publishes no wheels for ${platform}`);
  const wheels = [...page.matchAll(/href="([^"]+\.whl(?:#[^"]*)?)"/g)]
    .map((match) => readLink(new URL(match[1] ?? "", indexUrl)))
    .filter(({ name }) => isFor(name, version, tag))
    .sort((a, b) => a.name.localeCompare(b.name, "en", { numeric: true }));
  const newest = wheels.at(-1);
  if (newest === undefined) throw new Error(`lists no CPU wheel of torch ${version} for ${platform}`);
  return newest;
}

function readLink(link: URL): Wheel {
  const sha256 = /^#sha256=([0-9a-f]{64})$/i.exec(link.hash)?.[1]?.toLowerCase();
  const url = new URL(link);
  url.hash = "";
  return { name: decodeURIComponent(url.pathname.split("/").at(-1) ?? ""), url, sha256 };
}

/** A wheel's name is name-version-python-abi-platform.whl. */
function isFor(name: string, version: string, platform: RegExp): boolean {
  const [project, release, , , tags] = name.replace(/\.whl$/, "").split("-");
  if (project !== "torch" || (release !== version && release !== `${version}+cpu`)) return false;
  return tags?.split(".").some((tag) => platform.test(tag)) ?? false;
}
