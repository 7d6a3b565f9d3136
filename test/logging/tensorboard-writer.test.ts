import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { basename, join } from "node:path";
import { after, describe, it, mock } from "node:test";
import { EventFile } from "../../lib/logging/event-file.ts";
import { TensorBoardWriter } from "../../lib/logging/tensorboard-writer.ts";
import { runOnSmallDisk } from "../full-disk.ts";
import golden from "../goldens/event_file.json" with { type: "json" };
import { bytesAt, readRecords } from "./read-event-file.ts";

const folder = mkdtempSync(join(tmpdir(), "events-"));
after(() => rmSync(folder, { recursive: true }));

function makeEventFile(name: string): EventFile {
  mkdirSync(join(folder, name));
  return new EventFile(join(folder, name));
}

function eventFileIn(logDir: string): string {
  const names = readdirSync(logDir).filter((name) => name.startsWith("events.out.tfevents."));
  assert.equal(names.length, 1);
  return join(logDir, names[0] ?? "");
}

describe("EventFile", () => {
  it("writes scalars and texts byte for byte as PyTorch's SummaryWriter does", async () => {
    mock.timers.enable({ apis: ["Date"], now: golden.wallTime * 1000 });
    const file = makeEventFile("golden");
    for (const { tag, value, step } of golden.scalars) file.addScalar(tag, Number(value), step);
    for (const { tag, text } of golden.texts) file.addText(tag, text);
    await file.flush();
    mock.timers.reset();

    const [opening, ...records] = readRecords(file.path);
    assert.deepEqual(
      records.map(({ record }) => record.toString("hex")),
      golden.records.slice(1),
    );
    assert.ok(opening);
    assert.equal(bytesAt(opening.event, 1).readDoubleLE(), golden.wallTime);
    assert.equal(bytesAt(opening.event, 3).toString(), golden.fileVersion);
    assert.equal(bytesAt(opening.event, 10, 1).toString(), "snorkel-torch");
  });

  it("is named by time, host and process, with a number that is free", () => {
    mock.timers.enable({ apis: ["Date"], now: golden.wallTime * 1000 });
    const [first, second] = [makeEventFile("names"), new EventFile(join(folder, "names"))];
    mock.timers.reset();
    const pattern = golden.fileName.replace("host.42.0", `${hostname()}.${process.pid}`);
    assert.equal(basename(first.path), `${pattern}.0`);
    assert.equal(basename(second.path), `${pattern}.1`);
  });

  it("opens with the version and shows later events after each flush", async () => {
    const file = makeEventFile("flush");
    assert.equal(readRecords(file.path).length, 1);
    file.addScalar("a", 1, 1);
    assert.equal(readRecords(file.path).length, 1);
    await file.flush();
    file.addScalar("a", 2, 2);
    file.addScalar("a", 3, 3);
    await file.flush();
    await file.flush();
    const values = readRecords(file.path).slice(1);
    assert.deepEqual(
      values.map(({ event }) => bytesAt(event, 5, 1, 2).readFloatLE()),
      [1, 2, 3],
    );
  });

  it("keeps events whose flush failed, in order, for the next one", async () => {
    const file = makeEventFile("retry");
    const aside = `${file.path}.aside`;
    file.addScalar("a", 1, 1);
    renameSync(file.path, aside);
    mkdirSync(file.path);
    await assert.rejects(file.flush(), /expected to write ".*tfevents.*", got EISDIR/);
    rmSync(file.path, { recursive: true });
    renameSync(aside, file.path);
    file.addScalar("a", 2, 2);
    await file.flush();
    const steps = readRecords(file.path).slice(1);
    assert.deepEqual(
      steps.map(({ event }) => event.get(2)),
      [[1n], [2n]],
    );
  });
});

describe("EventFile on a full disk", () => {
  it("leaves only whole records and continues when there is space again", (t) => {
    const disk = join(folder, "disk");
    const copy = join(folder, "copy");
    const result = runOnSmallDisk(
      disk,
      `import { copyFileSync, rmSync, statSync, writeFileSync } from "node:fs";
      import { EventFile } from "./lib/logging/event-file.ts";
      const file = new EventFile(${JSON.stringify(disk)});
      const opening = statSync(file.path).size;
      const filler = ${JSON.stringify(join(disk, "filler"))};
      writeFileSync(filler, "x".repeat(40_000));
      for (let step = 0; step < 500; step++) file.addScalar("model/all/train/loss", step, step);
      const message = await file.flush().catch((error) => error.message);
      const grown = statSync(file.path).size - opening;
      rmSync(filler);
      await file.flush();
      copyFileSync(file.path, ${JSON.stringify(copy)});
      console.log(JSON.stringify({ message, grown }));`,
    );
    if (result === undefined) return t.skip("mounting is not allowed here");
    const { message, grown } = result as { message: string; grown: number };
    assert.match(message, /tfevents.*got ENOSPC: .*Free some space/);
    assert.equal(grown, 0);
    const values = readRecords(copy).slice(1);
    assert.deepEqual(
      values.map(({ event }) => bytesAt(event, 5, 1, 2).readFloatLE()),
      Array.from({ length: 500 }, (_, step) => step),
    );
  });
});

describe("TensorBoardWriter", () => {
  it("parity 47: writes scalars to an event file in the run's folder", async () => {
    const writer = new TensorBoardWriter({ logDir: folder, runName: "scalars" });
    writer.addScalar("model/all/train/loss", 0.1, 64);
    await writer.cleanup();
    const [, loss] = readRecords(eventFileIn(writer.logDir));
    assert.ok(loss);
    assert.deepEqual(loss.event.get(2), [64n]);
    assert.equal(bytesAt(loss.event, 5, 1, 1).toString(), "model/all/train/loss");
    assert.equal(bytesAt(loss.event, 5, 1, 2).readFloatLE(), Math.fround(0.1));
  });

  it("parity 47: adds the configuration as text", async () => {
    const writer = new TensorBoardWriter({ logDir: folder, runName: "config" });
    await writer.writeConfig({ lr: 0.5 });
    await writer.cleanup();
    const [, config] = readRecords(eventFileIn(writer.logDir));
    assert.ok(config);
    assert.equal(bytesAt(config.event, 5, 1, 1).toString(), "config/text_summary");
    assert.equal(bytesAt(config.event, 5, 1, 8, 8).toString(), '```json\n{\n  "lr": 0.5\n}\n```');
  });
});
