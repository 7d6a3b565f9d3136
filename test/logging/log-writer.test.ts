import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it, mock } from "node:test";
import { createLogWriter, logWriterNames } from "../../lib/logging/create-log-writer.ts";
import { JsonLogWriter } from "../../lib/logging/json-log-writer.ts";
import { NullLogWriter } from "../../lib/logging/null-log-writer.ts";
import { TensorBoardWriter } from "../../lib/logging/tensorboard-writer.ts";

const logDir = mkdtempSync(join(tmpdir(), "logs-"));
after(() => rmSync(logDir, { recursive: true }));

function read(folder: string, name: string): unknown {
  return JSON.parse(readFileSync(join(folder, name), "utf8"));
}

describe("the writers of log.json", () => {
  for (const [name, Writer] of Object.entries({ JsonLogWriter, TensorBoardWriter })) {
    it(`parity 46: ${name} writes [step, value] pairs by name to log.json at cleanup`, async () => {
      const writer = new Writer({ logDir, runName: `scalars ${name}` });
      assert.equal(writer.logDir, join(logDir, `scalars ${name}`));
      writer.addScalar("model/all/train/loss", 0.5, 10);
      writer.addScalar("model/all/train/lr", 0.01, 10);
      writer.addScalar("model/all/train/loss", 0.25, 20);
      await writer.cleanup();
      assert.deepEqual(read(writer.logDir, "log.json"), {
        "model/all/train/loss": [
          [10, 0.5],
          [20, 0.25],
        ],
        "model/all/train/lr": [[10, 0.01]],
      });
    });

    it(`L9: ${name} has log.json on disk after every flush, so that a run that dies keeps it`, async () => {
      const writer = new Writer({ logDir, runName: `flush ${name}` });
      writer.addScalar("a", 1, 1);
      await writer.flush();
      assert.deepEqual(read(writer.logDir, "log.json"), { a: [[1, 1]] });
      writer.addScalar("a", 2, 2);
      assert.deepEqual(read(writer.logDir, "log.json"), { a: [[1, 1]] });
      await writer.flush();
      assert.deepEqual(read(writer.logDir, "log.json"), {
        a: [
          [1, 1],
          [2, 2],
        ],
      });
    });

    it(`L10: ${name} writes nested configurations under their names`, async () => {
      const writer = new Writer({ logDir, runName: `config ${name}` });
      const config = { lr: 0.01, optimizerConfig: { adamConfig: { betas: [0.9, 0.999] } }, seed: null };
      await writer.writeConfig(config);
      await writer.writeConfig({ schedule: function halve() {} }, "other.json");
      assert.deepEqual(read(writer.logDir, "config.json"), config);
      assert.deepEqual(read(writer.logDir, "other.json"), { schedule: "function halve" });
    });
  }
});

describe("JsonLogWriter", () => {
  it("parity 46: a run is named after the local date and time, in logs", () => {
    mock.timers.enable({ apis: ["Date"], now: new Date(2024, 2, 5, 7, 8, 9) });
    const start = process.cwd();
    process.chdir(logDir);
    try {
      const first = new JsonLogWriter();
      assert.equal(first.runName, "2024_03_05/07_08_09/");
      assert.equal(first.logDir, join("logs", "2024_03_05/07_08_09/"));
      assert.ok(existsSync(join(logDir, "logs/2024_03_05/07_08_09")));
      const second = new JsonLogWriter();
      assert.equal(
        second.runName,
        "2024_03_05/07_08_09_2/",
        "a second run in that second has its own folder",
      );
    } finally {
      process.chdir(start);
      mock.timers.reset();
    }
  });

  it("parity 46: writes text and JSON, and warns when JSON goes to a file that is not called so", async () => {
    const writer = new JsonLogWriter({ logDir, runName: "text" });
    await writer.writeText("node train.ts", "command.txt");
    assert.equal(readFileSync(join(writer.logDir, "command.txt"), "utf8"), "node train.ts");
    const warn = mock.method(process, "emitWarning", () => {});
    await writer.writeJson({ a: [1, 2] }, "a.json");
    assert.equal(warn.mock.callCount(), 0);
    await writer.writeJson({ a: [1, 2] }, "a.txt");
    assert.match(String(warn.mock.calls[0]?.arguments[0]), /expected a name ending in \.json, got "a\.txt"/);
    warn.mock.restore();
    assert.deepEqual(read(writer.logDir, "a.json"), { a: [1, 2] });
    assert.deepEqual(read(writer.logDir, "a.txt"), { a: [1, 2] });
  });

  it("writes an empty log.json for a run without scalars", async () => {
    const writer = new JsonLogWriter({ logDir, runName: "empty" });
    await writer.cleanup();
    assert.deepEqual(read(writer.logDir, "log.json"), {});
  });

  it("L9: writes null for a value that JSON cannot hold, and refuses what is no number at once", async () => {
    const writer = new JsonLogWriter({ logDir, runName: "values" });
    writer.addScalar("loss", Number.NaN, 1);
    writer.addScalar("__proto__", 2, 1);
    const value = "0.5" as unknown as number;
    assert.throws(
      () => writer.addScalar("task/data/valid/mine", value, 1),
      /expected a number for task\/data/,
    );
    await writer.cleanup();
    const text = readFileSync(join(writer.logDir, "log.json"), "utf8");
    assert.equal(text, '{"loss":[[1,null]],"__proto__":[[1,2]]}');
  });

  it("keeps scalars whose flush failed for the next one", async () => {
    const writer = new JsonLogWriter({ logDir, runName: "retry" });
    writer.addScalar("a", 1, 1);
    rmSync(writer.logDir, { recursive: true });
    writeFileSync(writer.logDir, "in the way");
    await assert.rejects(writer.flush(), /expected to write ".*log\.json", got /);
    rmSync(writer.logDir);
    await writer.flush();
    assert.deepEqual(read(writer.logDir, "log.json"), { a: [[1, 1]] });
  });

  it("refuses unknown options, names that are no strings and a folder that cannot be made", () => {
    assert.throws(
      () => new JsonLogWriter({ logdir: "a" } as object),
      /\[LogWriter\] .* Did you mean "logDir"\?/,
    );
    assert.throws(() => new JsonLogWriter({ logDir: "" }), /expected a path for logDir/);
    assert.throws(() => new JsonLogWriter({ logDir, runName: "" }), /expected a name or null for runName/);
    writeFileSync(join(logDir, "file"), "");
    assert.throws(() => new JsonLogWriter({ logDir: join(logDir, "file") }), /expected to write ".*file/);
  });
});

describe("createLogWriter", () => {
  it('parity 48: makes the "json" or the "tensorboard" writer; another name is an error', () => {
    assert.deepEqual(logWriterNames, ["json", "tensorboard"]);
    assert.ok(createLogWriter("json", { logDir, runName: "json" }) instanceof JsonLogWriter);
    assert.ok(createLogWriter("tensorboard", { logDir, runName: "tb" }) instanceof TensorBoardWriter);
    const name = "tensorbord" as "json";
    assert.throws(
      () => createLogWriter(name),
      /expected logWriter to be one of .* Did you mean "tensorboard"\?/,
    );
  });
});

describe("NullLogWriter", () => {
  it("writes nothing", async () => {
    const before = readdirSync(logDir);
    const writer = new NullLogWriter();
    writer.addScalar();
    await writer.writeConfig();
    await writer.writeText();
    await writer.writeJson();
    await writer.flush();
    await writer.cleanup();
    assert.equal(writer.logDir, null);
    assert.deepEqual(readdirSync(logDir), before);
  });
});
