/** The file name of a shared library on this platform. */
export function libraryFile(name: string): string {
  if (process.platform === "win32") return `${name}.dll`;
  return process.platform === "darwin" ? `lib${name}.dylib` : `lib${name}.so`;
}

/** Whether the C library is musl (Alpine), for which there is no LibTorch. It takes milliseconds: ask when it matters. */
export function usesMusl(): boolean {
  return process.platform === "linux" && glibcVersion() === undefined;
}

/** The version of glibc in this process; undefined where the C library is another. */
export function glibcVersion(): string | undefined {
  const { header } = process.report.getReport() as { header: { glibcVersionRuntime?: string } };
  return header.glibcVersionRuntime;
}

export const muslReason = "the C library of this system is musl, and LibTorch needs glibc";
export const muslRemedy = "Use a system or an image with glibc, such as node:22-slim.";
