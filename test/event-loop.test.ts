import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { EventLoop } from "../lib/event-loop.ts";

function work(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

describe("EventLoop.breathe", () => {
  it("lets other work run once the main thread was kept for long enough", async () => {
    const loop = new EventLoop(1);
    let turns = 0;
    setImmediate(() => turns++);
    work(2);
    await loop.breathe();
    assert.equal(turns, 1);
  });

  it("returns at once while the last turn is recent", async () => {
    const loop = new EventLoop(60_000);
    let turns = 0;
    setImmediate(() => turns++);
    for (let i = 0; i < 1000; i++) await loop.breathe();
    assert.equal(turns, 0);
  });

  it("counts from the last turn that it gave", async () => {
    const loop = new EventLoop(50);
    work(60);
    await loop.breathe();
    let turns = 0;
    setImmediate(() => turns++);
    await loop.breathe();
    assert.equal(turns, 0);
  });
});
