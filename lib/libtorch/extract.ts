import { createWriteStream, mkdirSync, stat } from "node:fs";
import { dirname, resolve, sep } from "node:path";
import { pipeline } from "node:stream/promises";
import { openPromise } from "yauzl";

const wanted = [
  /^torch\/(include|share\/cmake)\//,
  /^torch\/version\.py$/,
  /^torch\/lib\/[^/]+\.(so[.\d]*|dylib|dll|lib)$/,
  /^torch\.libs\//,
  /^torchgen\/packaged\//,
];
const unwanted =
  /^torch\/lib\/((lib)?shm\.|[^/]*(torch_python|jitbackend|backend_with_compiler|torchbind|aoti_custom_ops))/;

/**
 * Extracts a torch wheel's LibTorch, about half of it, into a folder: libraries, headers, CMake files, and the
 * declarations of its operators. The wheel's layout is kept, because its libraries find each other by it.
 *
 * @throws Error for a broken archive, or one with a path that leads out of the folder.
 */
export async function extractLibTorch(wheel: string, folder: string): Promise<void> {
  const root = resolve(folder) + sep;
  const zip = await openPromise(wheel, { lazyEntries: true, autoClose: false, strictFileNames: true });
  const made = new Set<string>();
  // A thread of Node's pool can sleep through the work it was woken for (a fault of glibc before 2.41, its number is 25847), and a
  // write then waits for the next call to the pool: here is one.
  const waker = setInterval(() => stat(root, () => {}), 1000);
  try {
    for await (const entry of zip.eachEntry()) {
      const path = resolve(root, entry.fileName);
      if (!path.startsWith(root))
        throw new Error(`${wheel} holds a path that leads out of it: ${entry.fileName}`);
      if (entry.fileName.endsWith("/") || !isWanted(entry.fileName)) continue;
      if (!made.has(dirname(path))) mkdirSync(dirname(path), { recursive: true });
      made.add(dirname(path));
      await pipeline(await zip.openReadStreamPromise(entry), createWriteStream(path));
    }
  } finally {
    clearInterval(waker);
    zip.close();
  }
}

function isWanted(name: string): boolean {
  return wanted.some((pattern) => pattern.test(name)) && !unwanted.test(name);
}
