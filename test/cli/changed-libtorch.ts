import { cpSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { resolveLibTorch } from "../../lib/libtorch/index.ts";

/** A LibTorch that is the one in use but for some of its files, which are given by their paths in it. */
export function changedLibTorch(folder: string, files: Readonly<Record<string, string>>): string {
  const { folder: real } = resolveLibTorch();
  const changed = join(folder, "torch");
  mkdirSync(join(changed, "lib"), { recursive: true });
  cpSync(join(real, "version.py"), join(changed, "version.py"));
  for (const name of readdirSync(join(real, "lib"))) {
    if (files[`lib/${name}`] === undefined) symlinkSync(join(real, "lib", name), join(changed, "lib", name));
  }
  for (const [name, text] of Object.entries(files)) writeFileSync(join(changed, name), text);
  return changed;
}
