import assert from "node:assert/strict";
import { test } from "node:test";
import { WriteStream } from "node:tty";
import { createProgress } from "../../lib/slicing/progress.ts";

function streamThatIs(isTTY: boolean): { stream: WriteStream; written: string[] } {
  const written: string[] = [];
  const write = (text: string) => written.push(text) > 0;
  const parts = { isTTY, write, columns: 80 };
  return { stream: Object.assign(Object.create(WriteStream.prototype), parts), written };
}

function progressOver(wanted: boolean, total: number | undefined, isTTY: boolean): string {
  const { stream, written } = streamThatIs(isTTY);
  const progress = createProgress(wanted, total, stream);
  progress.update(3);
  progress.stop();
  return written.join("");
}

test("on a terminal a bar says how many data points are done", () => {
  assert.match(progressOver(true, 6, true), /3\/6 data points/);
});

test("where nobody knows how many there are, it counts", () => {
  const text = progressOver(true, undefined, true);
  assert.match(text, /3 data points/);
  assert.doesNotMatch(text, /\/0/);
});

test("nothing is shown where there is no terminal, or nobody wants it", () => {
  assert.equal(progressOver(true, 6, false), "");
  assert.equal(progressOver(false, 6, true), "");
});
