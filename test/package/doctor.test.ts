import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { runNode } from "./project.ts";
import { findWorkplace, note } from "./workplace.ts";

const workplace = findWorkplace();
const cli = "node_modules/snorkel-torch/dist/cli.js";

test("doctor names the missing LibTorch and the command that gets it; with LibTorch it is all green", async () => {
  const env = { SNORKEL_TORCH_CACHE: join(workplace.folder, "empty-for-doctor") };
  const before = await runNode(workplace, workplace.shared, [cli, "doctor"], { env });
  assert.equal(before.status, 1, before.stderr);
  assert.match(before.stdout, /^✔ Addon .*\(the prebuilt addon\), for LibTorch/m);
  assert.match(before.stdout, /^✖ LibTorch +none found\n( .*\n)* +→ Run `npx snorkel-torch install`/m);
  note(workplace, { case: "doctor: no LibTorch" });

  const after = await runNode(workplace, workplace.shared, [cli, "doctor", "--json"]);
  assert.equal(after.status, 0, after.stdout);
  const { findings } = JSON.parse(after.stdout) as { findings: { check: string; status: string }[] };
  for (const { check, status } of findings) {
    // A machine with a device is told of the build for it.
    assert.ok(status === "ok" || (status === "warning" && check === "CUDA"), `${check}: ${status}`);
  }
  assert.ok(findings.some(({ check }) => check === "Training"));
  note(workplace, { case: "doctor: all green" });
});

test("info shows what is in a file without LibTorch", async () => {
  const env = { SNORKEL_TORCH_CACHE: join(workplace.folder, "empty-for-doctor") };
  const program = `
    const header = Buffer.from('{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}');
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(header.length));
    require("node:fs").writeFileSync("a.safetensors", Buffer.concat([length, header, Buffer.alloc(8)]));`;
  assert.equal((await runNode(workplace, workplace.shared, ["-e", program])).status, 0);
  const { status, stdout } = await runNode(workplace, workplace.shared, [cli, "info", "a.safetensors"], {
    env,
  });
  assert.equal(status, 0);
  assert.match(stdout, /^a +float32 +\[2\] +8 bytes$/m);
  note(workplace, { case: "info: without LibTorch" });
});
