import assert from "node:assert/strict";
import { open } from "node:fs/promises";
import { test } from "node:test";
import { readEntry, readZip } from "../../lib/torch/zip-reader.ts";
import { writeZip } from "../../lib/torch/zip-writer.ts";
import { newPath } from "./pt-files.ts";

test("an archive may have entries of more than 4 GB, and others after them", async () => {
  const path = newPath("a.zip");
  const piece = Buffer.alloc(2 ** 20, 1);
  const pieces = 4200;
  const large = { name: "large", size: pieces * piece.length, chunks: () => Array(pieces).fill(piece) };
  const after = { name: "after", size: 5, chunks: () => [Buffer.from("after")] };
  const before = process.resourceUsage().maxRSS;
  const written = await open(path, "w");
  await writeZip(written, [large, after]);
  await written.close();
  const file = await open(path);
  const { size } = await file.stat();
  await readZip("zip", file, size, async (entries) => {
    let bytes = 0;
    for await (const chunk of entries.get("large")?.chunks() ?? []) bytes += chunk.length;
    assert.equal(bytes, large.size);
    const entry = entries.get("after");
    assert.ok(entry);
    assert.equal((await readEntry("zip", entry, 5)).toString(), "after");
  });
  await file.close();
  assert.ok((process.resourceUsage().maxRSS - before) * 1024 < 2 ** 28);
});
