import assert from "node:assert/strict";
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { JsonLogWriter } from "../../lib/logging/json-log-writer.ts";
import type { LogWriter } from "../../lib/logging/log-writer.ts";
import { TensorBoardWriter } from "../../lib/logging/tensorboard-writer.ts";
import { bytesAt, readRecords } from "./read-event-file.ts";

const options = () => ({ logDir: mkdtempSync(join(tmpdir(), "resume-")), runName: "run" });

async function logSteps(writer: LogWriter, steps: readonly number[]): Promise<void> {
  for (const step of steps) {
    writer.addScalar("a", step, step);
    writer.addScalar("b", step === 10 ? Number.NaN : -step, step);
    await writer.flush();
  }
}

const eventFiles = (folder: string) =>
  readdirSync(folder)
    .filter((name) => name.startsWith("events."))
    .map((name) => join(folder, name));

function scalarsOf(folder: string): string[] {
  return eventFiles(folder)
    .flatMap((path) => readRecords(path).slice(1))
    .map(({ event }) => `${bytesAt(event, 5, 1, 1)} ${bytesAt(event, 5, 1, 2).readFloatLE()} ${event.get(2)}`)
    .sort();
}

for (const Writer of [JsonLogWriter, TensorBoardWriter]) {
  test(`${Writer.name}: a continued run has the same log.json as one that was left alone`, async () => {
    const [alone, cut] = [options(), options()];
    await logSteps(new Writer(alone), [0, 10, 20, 30]);
    await logSteps(new Writer(cut), [0, 10, 20]);
    const continued = new Writer(cut);
    await continued.resume(10);
    await logSteps(continued, [20, 30]);
    const read = ({ logDir }: { logDir: string }) => readFileSync(join(logDir, "run", "log.json"), "utf8");
    assert.equal(read(cut), read(alone));
  });
}

test("TensorBoardWriter: events past the step, and one that was not written whole, are cut off", async () => {
  const [alone, cut] = [options(), options()];
  await logSteps(new TensorBoardWriter(alone), [0, 10, 20, 30]);
  const killed = new TensorBoardWriter(cut);
  await logSteps(killed, [0, 10, 20]);
  const [path = ""] = eventFiles(killed.logDir);
  const half = readFileSync(path).subarray(-20, -5);
  appendFileSync(path, half);
  const continued = new TensorBoardWriter(cut);
  await continued.resume(10);
  await logSteps(continued, [20, 30]);
  assert.deepEqual(scalarsOf(continued.logDir), scalarsOf(join(alone.logDir, "run")));
  assert.equal(eventFiles(continued.logDir).length, 2);
});

test("a run that left no log is continued with an empty one, and what is no log is refused", async () => {
  const given = options();
  const writer = new JsonLogWriter(given);
  await writer.resume(10);
  writeFileSync(join(given.logDir, "run", "log.json"), '{"a": [[1]]}');
  await assert.rejects(writer.resume(10), /series of \[step, value\] to go on from.*log\.json/);
});
