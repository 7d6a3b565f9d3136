/** The versions of Node that this package runs on, as `engines` of package.json has them. */
export const nodeVersions = "20.19 or later, or 22.12 or later";

export function supportsNode(version: string): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  if (major === 20) return minor >= 19;
  return major > 22 || (major === 22 && minor >= 12);
}
