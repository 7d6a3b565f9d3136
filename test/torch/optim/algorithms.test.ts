import "../plain-kernels.ts";
import assert from "node:assert/strict";
import { test } from "node:test";
import { compareOptimizers } from "../../../scripts/parity/torch/optimizers.ts";
import { goldens, otherBits } from "./goldens.ts";

for (const { name, difference, bound } of compareOptimizers(goldens)) {
  test(`as in PyTorch: ${name}`, { skip: bound === 0 && otherBits }, () => {
    assert(difference <= bound, `${difference} is above ${bound}`);
  });
}
