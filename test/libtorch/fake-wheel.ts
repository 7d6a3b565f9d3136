import { createWriteStream, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import type { TestContext } from "node:test";
import yazl from "yazl";
import { libraryFile, libTorchVersion } from "../../lib/libtorch/index.ts";

/** A folder that is removed after the test. */
export function temporaryFolder(context: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "snorkel-torch-"));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** The text of a torch package's version.py. */
export function versionModule(version: string, cuda?: string): string {
  const quoted = cuda === undefined ? "None" : `'${cuda}'`;
  return `__version__ = '${version}'\ncuda: Optional[str] = ${quoted}\nhip: Optional[str] = None\n`;
}

const random = Buffer.from(Array.from({ length: 300_000 }, (_, i) => (i * i * 7919 + (i >> 3)) % 251));

/** What a wheel of torch holds, made small. */
export function wheelContents(label = "+cpu", cuda?: string): Record<string, string | Buffer> {
  const information = `torch-${libTorchVersion}${label}.dist-info`;
  return {
    [`torch/lib/${libraryFile("torch_cpu")}`]: random,
    [`torch/lib/${libraryFile("c10")}`]: "c10",
    [`torch/lib/${libraryFile("torch_python")}`]: "for Python only",
    "torch/version.py": versionModule(`${libTorchVersion}${label}`, cuda),
    "torch/include/torch/torch.h": "#pragma once\n",
    "torch/share/cmake/Torch/TorchConfig.cmake": "",
    "torch/nn/__init__.py": "for Python only",
    "torch.libs/libgomp-98df74fd.so.1.0.0": "gomp",
    "torchgen/packaged/ATen/native/native_functions.yaml": "[]\n",
    [`${information}/METADATA`]: `Metadata-Version: 2.1\nName: torch\nVersion: ${libTorchVersion}${label}\n`,
    [`${information}/WHEEL`]:
      "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: false\nTag: py3-none-any\n",
    [`${information}/RECORD`]: "",
  };
}

/** Writes a zip archive. */
export async function writeZip(path: string, contents: Record<string, string | Buffer>): Promise<void> {
  const zip = new yazl.ZipFile();
  for (const [name, data] of Object.entries(contents)) zip.addBuffer(Buffer.from(data), name);
  zip.end();
  await pipeline(zip.outputStream, createWriteStream(path));
}
