import assert from "node:assert/strict";
import { test } from "node:test";
import { WriteStream } from "node:tty";
import { progressOn } from "../../lib/libtorch/progress.ts";

function streamThatIs(isTTY: boolean): { stream: WriteStream; written: string[] } {
  const written: string[] = [];
  const write = (text: string) => written.push(text) > 0;
  const stream: WriteStream = Object.assign(Object.create(WriteStream.prototype), {
    isTTY,
    write,
    columns: 80,
  });
  return { stream, written };
}

test("where no terminal listens, a plain line tells every tenth", () => {
  const { stream, written } = streamThatIs(false);
  const progress = progressOn(stream);
  progress.start("torch", 40e6);
  for (let done = 0; done <= 40e6; done += 1e6) progress.update(done);
  progress.stop();
  assert.equal(written.length, 10);
  assert.equal(written[0], "torch: 10% of 40 MB\n");
  assert.equal(written[9], "torch: 100% of 40 MB\n");
});

test("a small transfer is told of in one line", () => {
  const { stream, written } = streamThatIs(false);
  const progress = progressOn(stream);
  progress.start("nvtx", 2e6);
  for (let done = 0; done <= 2e6; done += 1e5) progress.update(done);
  progress.stop();
  assert.deepEqual(written, ["nvtx: 100% of 2 MB\n"]);
});

test("a transfer of unknown length prints no shares", () => {
  const { stream, written } = streamThatIs(false);
  const progress = progressOn(stream);
  progress.start("torch", undefined);
  progress.update(1e9);
  progress.stop();
  assert.deepEqual(written, []);
});

test("on a terminal a bar is drawn", () => {
  const { stream, written } = streamThatIs(true);
  const progress = progressOn(stream);
  progress.start("torch", 40e6);
  progress.update(20e6);
  progress.stop();
  assert.match(written.join(""), /torch .*50% of 40 MB/);
});
