import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, it } from "node:test";
import {
  loadSafetensors,
  memory,
  ones,
  readSafetensorsHeader,
  saveSafetensors,
  type Tensor,
} from "../../lib/torch/index.ts";
import { collectedMemory } from "../collected-memory.ts";
import { newPath } from "./pt-files.ts";

const name = "model.safetensors.index.json";

/** An index of those names beside one shard with a tensor `a`. */
async function indexOf(weightMap: unknown): Promise<string> {
  const path = newPath(name);
  await saveSafetensors(join(dirname(path), "one.safetensors"), { a: ones([2]) });
  writeFileSync(path, JSON.stringify({ metadata: {}, weight_map: weightMap }));
  return path;
}

describe("saveSafetensors of an index", () => {
  it("spreads tensors over shards that are as full as they may be, and names them", async () => {
    const path = newPath(name);
    const tensors = {
      a: ones([10]),
      large: ones([30]).mul(2),
      b: ones([5]),
      c: ones([5]).to("bfloat16"),
      d: ones([]),
    };
    await saveSafetensors(path, tensors, { format: "pt" }, { maxShardBytes: 40 });
    const shard = (i: number) => `model-0000${i}-of-00003.safetensors`;
    assert.deepEqual(readdirSync(dirname(path)).sort(), [shard(1), shard(2), shard(3), name]);
    assert.deepEqual(JSON.parse(readFileSync(path, "utf8")), {
      metadata: { total_size: 194 },
      weight_map: { a: shard(1), large: shard(2), b: shard(3), c: shard(3), d: shard(3) },
    });
    const { metadata } = await readSafetensorsHeader(join(dirname(path), shard(3)));
    assert.deepEqual(metadata, { format: "pt" });
    const before = (await collectedMemory()).tensors;
    const loaded = await loadSafetensors(path);
    assert.equal(memory().tensors, before + 5);
    assert.deepEqual(Object.keys(loaded), Object.keys(tensors));
    for (const [key, one] of Object.entries(tensors)) assert.ok(loaded[key]?.equal(one), key);
  });

  it("writes one shard where that is enough, also of nothing", async () => {
    const some: Record<string, Tensor>[] = [{ a: ones([2]) }, {}];
    for (const tensors of some) {
      const path = newPath(name);
      await saveSafetensors(path, tensors);
      assert.deepEqual(readdirSync(dirname(path)).sort(), ["model-00001-of-00001.safetensors", name]);
      assert.deepEqual(Object.keys(await loadSafetensors(path)), Object.keys(tensors));
    }
  });

  it("leaves what was there where a shard cannot be written", async () => {
    const path = newPath(name);
    const options = { maxShardBytes: 4 };
    await saveSafetensors(path, { a: ones([1]), b: ones([1]) }, undefined, options);
    const gone = ones([1]).to({ device: "meta" });
    await assert.rejects(saveSafetensors(path, { a: ones([1]).mul(2), b: gone }, undefined, options));
    const { a, b } = await loadSafetensors(path);
    assert.deepEqual([a?.tolist(), b?.tolist()], [[1], [1]]);
    assert.equal(readdirSync(dirname(path)).length, 3);
  });

  it("leaves no index where a shard cannot be put in its place", async () => {
    const path = newPath(name);
    const options = { maxShardBytes: 4 };
    await saveSafetensors(path, { a: ones([1]), b: ones([1]) }, undefined, options);
    const folder = dirname(path);
    mkdirSync(join(folder, "model-00002-of-00003.safetensors"));
    const three = { a: ones([1]), b: ones([1]), c: ones([1]) };
    await assert.rejects(saveSafetensors(path, three, undefined, options), /model-00002-of-00003/);
    const names = readdirSync(folder);
    assert.ok(!names.includes(name));
    assert.deepEqual(
      names.filter((one) => one.endsWith(".tmp")),
      [],
    );
  });

  it("checks its options", async () => {
    const save = (path: string, options: unknown) =>
      saveSafetensors(path, { a: ones([1]) }, undefined, options as object);
    await assert.rejects(
      save(newPath("a.safetensors"), { maxShardBytes: 4 }),
      /ends in .safetensors.index.json with max/,
    );
    await assert.rejects(
      save(newPath(name), { maxShardBytes: 0 }),
      /an integer at least 1 for maxShardBytes, got 0/,
    );
    await assert.rejects(save(newPath(name), { maxShards: 4 }), /Did you mean "maxShardBytes"/);
  });
});

describe("loadSafetensors of an index", () => {
  it("reads only the tensors that it names", async () => {
    const path = newPath(name);
    await saveSafetensors(join(dirname(path), "one.safetensors"), { a: ones([2]), b: ones([1]) });
    writeFileSync(path, JSON.stringify({ weight_map: { b: "one.safetensors" } }));
    assert.deepEqual(Object.keys(await loadSafetensors(path)), ["b"]);
  });

  const refused: [what: string, weightMap: unknown, message: RegExp][] = [
    [
      "leads out of the folder",
      { a: "../one.safetensors" },
      /beside the index for the shard of "a", got "\.\./,
    ],
    ["leads to another folder", { a: "b/one.safetensors" }, /beside the index for the shard of "a"/],
    ["leads there in another way", { a: "b\\one.safetensors" }, /beside the index/],
    ["has an absolute path", { a: "/one.safetensors" }, /beside the index/],
    ["names a drive", { a: "c:one.safetensors" }, /beside the index/],
    ["names itself", { a: name }, /beside the index/],
    ["has a number for a shard", { a: 1 }, /beside the index for the shard of "a", got 1/],
    ["has a list for a map", [], /an object of file names for weight_map, got an array of 0/],
    [
      "names a shard that is missing",
      { a: "two.safetensors" },
      /two.safetensors\] expected to read the file/,
    ],
    [
      "names a tensor that is missing",
      { a: "one.safetensors", b: "one.safetensors" },
      /a tensor "b" for the file/,
    ],
    ["names what every object has", { toString: "one.safetensors" }, /a tensor "toString" for the file/],
  ];
  for (const [what, weightMap, message] of refused) {
    it(`that ${what} is refused`, async () => {
      const path = await indexOf(weightMap);
      const before = memory().tensors;
      await assert.rejects(loadSafetensors(path), message);
      assert.ok(memory().tensors <= before);
    });
  }

  it("that is no JSON, or no index, is refused", async () => {
    const path = newPath(name);
    for (const [text, message] of [
      ["{", /JSON for the index/],
      ["1", /weight_map, got 1/],
      ["{}", /got undefined/],
    ] as const) {
      writeFileSync(path, text);
      await assert.rejects(loadSafetensors(path), message);
    }
  });

  it("may name a tensor as JavaScript names prototypes", async () => {
    const path = newPath(name);
    const tensors: Record<string, Tensor> = Object.fromEntries([["__proto__", ones([1])]]);
    await saveSafetensors(path, tensors);
    assert.deepEqual(Object.keys(await loadSafetensors(path)), ["__proto__"]);
  });
});
