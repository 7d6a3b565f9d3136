import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { MultitaskClassifier } from "../../lib/model/index.ts";
import { load, memory, ones, save, saveSafetensors, type Tensor } from "../../lib/torch/index.ts";
import { expectedOfPython, goldenPath, newPath } from "../torch/pt-files.ts";
import { linearTask, twoTaskModel } from "./models.ts";

function bytesOf(weights: Record<string, Tensor>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(weights).map(([name, one]) => [
      name,
      Buffer.from(one.toTypedArray().buffer as ArrayBuffer).toString("base64"),
    ]),
  );
}

describe("MultitaskClassifier.save", () => {
  for (const extension of ["safetensors", "pt", "pth"]) {
    it(`writes .${extension}, which load reads`, async () => {
      const path = newPath(`deep/model.${extension}`);
      const [saved, loaded] = [twoTaskModel(), twoTaskModel()];
      await saved.save(path);
      const before = memory().tensors;
      await loaded.load(path);
      assert.ok(memory().tensors <= before);
      assert.deepEqual(bytesOf(loaded.stateDict()), bytesOf(saved.stateDict()));
    });
  }

  it("writes a plain state dict to .pth, under Snorkel's names", async () => {
    const path = newPath("model.pth");
    await twoTaskModel().save(path);
    const names = Object.keys((await load(path)) as object);
    assert.deepEqual(names.sort(), Object.keys(expectedOfPython.snorkel).sort());
    assert.equal(readFileSync(path).toString("latin1", 0, 2), "PK");
  });

  it("names the formats where the path has none of them", async () => {
    for (const path of ["model.bin", "model", "pt", "model.PT", 3, null]) {
      const message = /a path that ends in \.safetensors, \.pt or \.pth for path/;
      await assert.rejects(twoTaskModel().save(path as string), message);
      await assert.rejects(twoTaskModel().load(path as string), message);
    }
  });
});

describe("MultitaskClassifier.load", () => {
  for (const name of ["snorkel.pth", "dataparallel.pth"]) {
    it(`reads Snorkel's ${name}, bit for bit`, async () => {
      const model = twoTaskModel();
      await model.load(goldenPath(name));
      assert.deepEqual(bytesOf(model.stateDict()), expectedOfPython.snorkel);
    });
  }

  it("lists the names and sizes in which another model differs, and changes nothing", async () => {
    const model = twoTaskModel();
    const before = bytesOf(model.stateDict());
    const { "module_pool.trunk.weight": _, ...others } = model.stateDict();
    const weights = { ...others, "module_pool.trunk.bias": ones([7]), extra: ones([1]) };
    const paths = [newPath("model.pt"), newPath("model.safetensors")] as const;
    await save(weights, paths[0]);
    await saveSafetensors(paths[1], weights);
    for (const path of paths) {
      await assert.rejects(model.load(path), (error: Error) => {
        assert.match(error.message, /Missing key\(s\) in state_dict: "module_pool.trunk.weight"/);
        assert.match(error.message, /Unexpected key\(s\) in state_dict: "extra"/);
        assert.match(error.message, /size mismatch for module_pool.trunk.bias: .*\[7\].*\[4\]/);
        return true;
      });
    }
    assert.deepEqual(bytesOf(model.stateDict()), before);
    const other = new MultitaskClassifier([linearTask("other")], { device: "cpu" });
    await assert.rejects(other.load(goldenPath("snorkel.pth")), /Missing key.*other_trunk.*Unexpected key/s);
  });

  it("says what else a file holds", async () => {
    const path = newPath("checkpoint.pt");
    await save({ epoch: 3, model: twoTaskModel().stateDict() }, path);
    await assert.rejects(
      twoTaskModel().load(path),
      /a tensor for "epoch" for .*checkpoint.pt, got 3.*torch.load/,
    );
    await save([ones([1])], path);
    await assert.rejects(twoTaskModel().load(path), /a state dict for .*checkpoint.pt, got an array of 1/);
  });
});
