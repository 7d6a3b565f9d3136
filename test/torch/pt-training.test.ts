import "./plain-kernels.ts";
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { compareFiles } from "../../scripts/parity/torch/files.ts";
import golden from "../goldens/pt_training.json" with { type: "json" };

describe("training that goes on from a file of Python", async () => {
  for (const { name, difference, bound } of await compareFiles(golden)) {
    it(`gives Python's bits: ${name}`, () => assert.ok(difference <= bound, `${difference}`));
  }
});
