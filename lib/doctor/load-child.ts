// A child process that opens LibTorch's libraries one after the other, and tells what the loader says of each.
import { createRequire } from "node:module";
import { checkNotCutOff } from "../libtorch/index.ts";

interface Addon {
  open(libraries: string[], shim: string): unknown;
}

const [addonPath = "", shim = "", ...libraries] = process.argv.slice(2);
const addon: Addon = createRequire(import.meta.url)(addonPath);
process.send?.({ library: addonPath, reason: null });
for (const library of libraries) {
  const reason = reasonNotToOpen(() => {
    // The loader would end the process.
    checkNotCutOff(library);
    addon.open([library], "");
  }, "ERR_LIBTORCH_LOAD");
  process.send?.({ library, reason: reason?.replace(`${library}: `, "") ?? null });
}
const reason = reasonNotToOpen(() => addon.open([], shim), "ERR_SHIM_LOAD");
process.send?.({ library: shim, reason: reason?.replace(`${shim}: `, "") ?? null });
process.disconnect();

/** What a call throws under a code; without a library of ours it always throws, under another. */
function reasonNotToOpen(open: () => unknown, code: string): string | undefined {
  try {
    open();
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === code) return error.message;
  }
  return undefined;
}
