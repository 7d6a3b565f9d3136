import assert from "node:assert/strict";
import { copyFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { checkNotCutOff, librariesToOpen, resolveLibTorch } from "../../lib/libtorch/index.ts";
import { temporaryFolder } from "./fake-wheel.ts";

const isLinux = process.platform === "linux";

test("LibTorch's libraries and Node.js itself are whole", () => {
  for (const path of [...librariesToOpen(resolveLibTorch()), process.execPath]) checkNotCutOff(path);
});

test("a library that lacks its end is an error with both sizes", { skip: !isLinux }, (context) => {
  const [c10 = ""] = librariesToOpen(resolveLibTorch()).filter((path) => path.endsWith("libc10.so"));
  const copy = join(temporaryFolder(context), "libc10.so");
  copyFileSync(c10, copy);
  checkNotCutOff(copy);
  for (const size of [1e6, 64]) {
    truncateSync(copy, size);
    assert.throws(
      () => checkNotCutOff(copy),
      new RegExp(`libc10\\.so: it is cut off, with ${size} bytes of \\d{7}`),
    );
  }
});

test("what is no library is left to the system's loader", (context) => {
  const file = join(temporaryFolder(context), "library.so");
  for (const contents of ["", "not a library", "\x7fELF"]) {
    writeFileSync(file, contents);
    checkNotCutOff(file);
  }
});
