import assert from "node:assert/strict";
import { test } from "node:test";
import { libTorchVersion, readLibTorch } from "../../lib/libtorch/index.ts";
import { programs, runNode } from "./project.ts";
import { findWorkplace, note } from "./workplace.ts";

const workplace = findWorkplace();

/** A LibTorch for CUDA, of 5 GB: what `npx snorkel-torch install --cuda` makes. */
const folder = process.env.SNORKEL_TORCH_CUDA_LIBTORCH;
const skip = folder === undefined && "names no LibTorch for CUDA in SNORKEL_TORCH_CUDA_LIBTORCH";

test("the addon that trains with the LibTorch for the CPU trains with the one for CUDA", {
  skip,
}, async () => {
  const { version, flavour, folder: libTorch } = readLibTorch(folder ?? "");
  assert.equal(version, libTorchVersion);
  assert.match(flavour, /^cu\d+$/);
  const env = { SNORKEL_TORCH_LIBTORCH: libTorch };
  const { stdout, stderr } = await runNode(workplace, workplace.shared, [programs.esm], { env });
  assert.deepEqual([stdout, stderr], [workplace.trained, ""]);
  note(workplace, { case: `LibTorch ${version}-${flavour}, on the CPU` });

  const ask =
    'const { torch } = require("snorkel-torch"); console.log(torch.cuda.unavailableReason() ?? "here")';
  const { stdout: reason } = await runNode(workplace, workplace.shared, ["-e", ask], { env });
  // It has CUDA in it, so what lacks is a device, if anything.
  assert.match(reason, /^(here|LibTorch sees no CUDA device)\n$/);
  if (reason !== "here\n") return;
  const trained = await runNode(workplace, workplace.shared, [programs.esm], {
    env: { ...env, DEVICE: "cuda" },
  });
  assert.equal(trained.stderr, "");
  note(workplace, { case: `LibTorch ${version}-${flavour}, on CUDA` });
});
