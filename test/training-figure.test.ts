import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { it } from "node:test";
import { drawnMetrics, drawTraining, type Log } from "../scripts/training-figure.ts";
import { root } from "./markdown.ts";

const log: Log = JSON.parse(readFileSync(join(root, "docs/penguins.json"), "utf8"));

it("the picture of the front page shows the committed log", async () => {
  const picture = readFileSync(join(root, "docs/penguins.svg"), "utf8");
  assert.equal(picture, `${await drawTraining(log)}\n`);
});

it("the picture of a log without one of its metrics is an error", () => {
  const { "sex/penguins/train/loss": _, ...others } = log;
  assert.throws(() => drawnMetrics(others), /expected sex\/penguins\/train\/loss in the log, found none/);
});
