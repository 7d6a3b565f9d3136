import assert from "node:assert/strict";
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import {
  copyAtomically,
  fileNameOf,
  makeFolder,
  writeAtomically,
  writeTextAtomically,
  writeTogether,
} from "../lib/files.ts";
import { runOnSmallDisk } from "./full-disk.ts";

const folder = mkdtempSync(join(tmpdir(), "files-"));
after(() => rmSync(folder, { recursive: true }));

function emptyFolder(name: string): string {
  const path = join(folder, name);
  mkdirSync(path);
  return path;
}

describe("fileNameOf", () => {
  it("puts _ for what a file's name cannot have on the platform", (context) => {
    const platform = Object.getOwnPropertyDescriptor(process, "platform") as PropertyDescriptor;
    context.after(() => Object.defineProperty(process, "platform", platform));
    const metric = "task_slice:short_pred/data/valid/f1";
    for (const [name, file] of [
      ["linux", "task_slice:short_pred_data_valid_f1"],
      ["win32", "task_slice_short_pred_data_valid_f1"],
    ]) {
      Object.defineProperty(process, "platform", { ...platform, value: name });
      assert.equal(fileNameOf(metric), file);
    }
  });
});

describe("writeAtomically", () => {
  it("makes the parent folders and leaves only the file", async () => {
    const parent = join(folder, "new", "deeper");
    await writeTextAtomically(join(parent, "a.txt"), "é∑");
    assert.deepEqual(readdirSync(parent), ["a.txt"]);
    assert.equal(readFileSync(join(parent, "a.txt"), "utf8"), "é∑");
  });

  it("shows the old file until the new one is whole", async () => {
    const path = join(emptyFolder("replace"), "a.txt");
    writeFileSync(path, "old");
    await writeAtomically(path, async (file) => {
      await file.write("new, first part; ");
      assert.equal(readFileSync(path, "utf8"), "old");
      await file.write("second part");
    });
    assert.equal(readFileSync(path, "utf8"), "new, first part; second part");
  });

  it("keeps the permissions of the older file, and a link to it", {
    skip: process.platform === "win32",
  }, async () => {
    const parent = emptyFolder("kept");
    const [path, link] = [join(parent, "a.txt"), join(parent, "link.txt")];
    writeFileSync(path, "old");
    chmodSync(path, 0o666); // more than a new file gets
    symlinkSync(path, link);
    await writeTextAtomically(link, "new");
    assert.equal(readFileSync(path, "utf8"), "new");
    assert.equal(statSync(path).mode & 0o777, 0o666);
    assert.ok(lstatSync(link).isSymbolicLink());
    assert.deepEqual(readdirSync(parent).sort(), ["a.txt", "link.txt"]);
    const other = { path: join(parent, "other.txt"), write: async () => {} };
    await writeTogether([other, { path: link, write: (file) => file.writeFile("newer") }]);
    assert.equal(readFileSync(path, "utf8"), "newer");
    assert.ok(lstatSync(link).isSymbolicLink());
  });

  it("takes a name almost as long as the file system does", async () => {
    const path = join(emptyFolder("long"), "n".repeat(240));
    await writeTextAtomically(path, "text");
    assert.equal(readFileSync(path, "utf8"), "text");
  });

  it("passes on what the callback throws, keeps the old file and removes the temporary one", async () => {
    const parent = emptyFolder("callback");
    const path = join(parent, "a.txt");
    writeFileSync(path, "old");
    const failure = new RangeError("not today");
    const write = writeAtomically(path, async (file) => {
      await file.write("half");
      throw failure;
    });
    await assert.rejects(write, (error) => error === failure);
    assert.equal(readFileSync(path, "utf8"), "old");
    assert.deepEqual(readdirSync(parent), ["a.txt"]);
  });

  it("names the path and the cause when the disk is full", {
    skip: process.platform !== "linux",
  }, async () => {
    const path = join(emptyFolder("full"), "a.txt");
    writeFileSync(path, "old");
    const write = writeAtomically(path, async () => {
      const full = await open("/dev/full", "w");
      await full.writeFile("more").finally(() => full.close());
    });
    await assert.rejects(write, (error: Error) => {
      assert.match(
        error.message,
        /^\[files\] expected to write ".*a\.txt", got ENOSPC: .*\. Free some space/,
      );
      assert.equal((error.cause as NodeJS.ErrnoException).code, "ENOSPC");
      return true;
    });
    assert.equal(readFileSync(path, "utf8"), "old");
  });

  it("keeps the old file on a file system that is really full", (t) => {
    const disk = join(folder, "disk");
    const result = runOnSmallDisk(
      disk,
      `import { readdirSync, readFileSync } from "node:fs";
      import { writeTextAtomically } from "./lib/files.ts";
      const path = ${JSON.stringify(join(disk, "a.txt"))};
      await writeTextAtomically(path, "old");
      const message = await writeTextAtomically(path, "x".repeat(1e6)).catch((error) => error.message);
      const names = readdirSync(${JSON.stringify(disk)});
      console.log(JSON.stringify({ message, kept: readFileSync(path, "utf8"), names }));`,
    );
    if (result === undefined) return t.skip("mounting is not allowed here");
    const { message, ...left } = result as { message: string };
    assert.match(message, /a\.txt", got ENOSPC: .*Free some space/);
    assert.deepEqual(left, { kept: "old", names: ["a.txt"] });
  });

  it("names the path when the folder may not be written to", {
    skip: process.platform === "win32",
  }, async () => {
    const parent = emptyFolder("forbidden");
    const path = join(parent, "a.txt");
    writeFileSync(path, "old");
    chmodSync(folder, 0o755);
    chmodSync(parent, 0o555);
    const isRoot = process.geteuid?.() === 0;
    if (isRoot) process.seteuid?.(65534);
    try {
      await assert.rejects(
        writeTextAtomically(path, "new"),
        /a\.txt", got EACCES: .*\. Check the permissions/,
      );
    } finally {
      if (isRoot) process.seteuid?.(0);
      chmodSync(parent, 0o755);
    }
    assert.equal(readFileSync(path, "utf8"), "old");
  });

  it("names the path when a parent is a file or the path is a folder", async () => {
    const parent = emptyFolder("shapes");
    writeFileSync(join(parent, "file"), "");
    mkdirSync(join(parent, "folder"));
    await assert.rejects(writeTextAtomically(join(parent, "file", "a.txt"), "new"), /file\/a\.txt", got /);
    await assert.rejects(writeTextAtomically(join(parent, "folder"), "new"), /shapes\/folder", got /);
    assert.deepEqual(readdirSync(parent), ["file", "folder"]);
  });
});

describe("copyAtomically", () => {
  it("copies bytes over an older file", async () => {
    const parent = emptyFolder("copy");
    const bytes = Buffer.from(Array.from({ length: 200_000 }, (_, i) => (i * 7) % 256));
    writeFileSync(join(parent, "from"), bytes);
    writeFileSync(join(parent, "to"), "older");
    await copyAtomically(join(parent, "from"), join(parent, "to"));
    assert.ok(readFileSync(join(parent, "to")).equals(bytes));
    assert.deepEqual(readdirSync(parent), ["from", "to"]);
  });

  it("keeps the older file when there is nothing to copy", async () => {
    const parent = emptyFolder("nothing");
    writeFileSync(join(parent, "to"), "older");
    await assert.rejects(
      copyAtomically(join(parent, "from"), join(parent, "to")),
      /nothing\/to", got ENOENT/,
    );
    assert.deepEqual(readdirSync(parent), ["to"]);
  });
});

describe("makeFolder", () => {
  it("accepts a folder that is there and names one that cannot be made", () => {
    const parent = emptyFolder("make");
    makeFolder(join(parent, "a", "b"));
    makeFolder(join(parent, "a", "b"));
    writeFileSync(join(parent, "file"), "");
    assert.throws(() => makeFolder(join(parent, "file", "b")), /expected to write ".*file\/b", got /);
  });
});
