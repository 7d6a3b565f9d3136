import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { join, resolve } from "node:path";
import { test } from "node:test";
import { PbfWriter } from "pbf";
import { readEvent, type TensorBoardEvent } from "../../lib/logging/read-event.ts";
import { readRecords } from "../../lib/logging/tf-record.ts";
import { temporaryFolder } from "../libtorch/fake-wheel.ts";

interface Golden {
  wallTime: number;
  fileVersion: string;
  scalars: { tag: string; value: number | string; step: number }[];
  texts: { tag: string; text: string }[];
  records: string[];
}

const golden: Golden = JSON.parse(
  readFileSync(resolve(import.meta.dirname, "../goldens/event_file.json"), "utf8"),
);

async function readAll(path: string): Promise<TensorBoardEvent[]> {
  const file = await open(path);
  try {
    const events: TensorBoardEvent[] = [];
    for await (const { data } of readRecords(file, (await file.stat()).size)) events.push(readEvent(data));
    return events;
  } finally {
    await file.close();
  }
}

test("the events that PyTorch's SummaryWriter writes are read back", async (context) => {
  const path = join(temporaryFolder(context), "events");
  writeFileSync(path, Buffer.concat(golden.records.map((record) => Buffer.from(record, "hex"))));
  const [opening, ...events] = await readAll(path);
  assert.deepEqual([opening?.fileVersion, opening?.wallTime], [golden.fileVersion, golden.wallTime]);
  const scalars = golden.scalars.map(({ tag, value, step }) => [
    tag,
    "scalars",
    Math.fround(Number(value)),
    Math.trunc(step),
  ]);
  const texts = golden.texts.map(({ tag, text }) => [`${tag}/text_summary`, "text", text, 0]);
  const read = events.flatMap(({ step, values }) =>
    values.map(({ tag, plugin, value }) => [tag, plugin, value, step]),
  );
  const sorted = (rows: unknown[][]) => rows.map((row) => row.map(String).join(" ")).sort();
  assert.deepEqual(sorted(read), sorted([...scalars, ...texts]));
});

/** A scalar as TensorFlow 2 writes it: a tensor under the plugin "scalars". */
function tensorEvent(write: (pbf: PbfWriter) => void): Uint8Array {
  const pbf = new PbfWriter();
  pbf.writeVarintField(2, 12);
  pbf.writeMessage(
    5,
    (_, summary) => {
      summary.writeMessage(
        1,
        (_, value) => {
          value.writeStringField(1, "loss");
          value.writeMessage(8, (_, tensor) => write(tensor), undefined);
          value.writeMessage(
            9,
            (_, metadata) => {
              metadata.writeMessage(1, (_, plugin) => plugin.writeStringField(1, "scalars"), undefined);
            },
            undefined,
          );
        },
        undefined,
      );
    },
    undefined,
  );
  return pbf.finish();
}

test("scalars that TensorFlow 2 writes as tensors are read, packed or as bytes", () => {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(0.1);
  const variants: [(pbf: PbfWriter) => void, number][] = [
    [
      (pbf) => {
        pbf.writeVarintField(1, 1);
        pbf.writePackedFloat(5, [0.25]);
      },
      0.25,
    ],
    [
      (pbf) => {
        pbf.writeVarintField(1, 1);
        pbf.writeFloatField(5, 0.25);
      },
      0.25,
    ],
    [
      (pbf) => {
        pbf.writeVarintField(1, 2);
        pbf.writePackedDouble(6, [0.1, 0.2]);
      },
      0.1,
    ],
    [
      (pbf) => {
        pbf.writeVarintField(1, 2);
        pbf.writeBytesField(4, bytes);
      },
      0.1,
    ],
  ];
  for (const [write, value] of variants) {
    const event = readEvent(tensorEvent(write));
    assert.deepEqual([event.step, event.values], [12, [{ tag: "loss", plugin: "scalars", value }]]);
  }
});

test("damaged events end in an error or in nonsense, never in a hang", () => {
  const whole = tensorEvent((pbf) => pbf.writePackedFloat(5, [0.25]));
  let state = 1;
  const random = (bound: number) => {
    state = (state * 48271) % 2147483647;
    return state % bound;
  };
  for (let i = 0; i < 20_000; i++) {
    const bytes = Buffer.from(whole);
    for (let n = 0; n <= random(4); n++) bytes[random(bytes.length)] = random(256);
    try {
      readEvent(bytes.subarray(0, 1 + random(bytes.length)));
    } catch (error) {
      assert.ok(error instanceof Error);
    }
  }
});
