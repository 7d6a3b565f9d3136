import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import type { Reply, Request } from "./reply.ts";

/** What is kept of the standard error, for when the process fails. */
const maxErrorLength = 10_000;

/** A subject in a process of its own, which stays alive from round to round. */
export class Child {
  readonly #process: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly #lines: AsyncIterator<string>;
  #errors = "";

  constructor([command = "", ...options]: readonly string[], environment: NodeJS.ProcessEnv) {
    this.#process = spawn(command, options, {
      env: { ...process.env, ...environment },
      stdio: ["pipe", "pipe", "pipe"],
    });
    this.#process.stdin.on("error", () => {}); // The exit says more.
    this.#process.on("error", (error) => {
      this.#errors += error.message;
    });
    this.#process.stderr.setEncoding("utf8").on("data", (text: string) => {
      this.#errors = (this.#errors + text).slice(-maxErrorLength);
    });
    this.#lines = createInterface({ input: this.#process.stdout })[Symbol.asyncIterator]();
  }

  /** @throws Error with what the process printed, where it ends before it answers. */
  async round(request: Request = {}): Promise<Reply> {
    this.#process.stdin.write(`${JSON.stringify(request)}\n`);
    for (;;) {
      const { value, done } = await this.#lines.next();
      if (done)
        throw new Error(`[bench] expected ${this.#process.spawnargs.join(" ")} to answer: ${this.#errors}`);
      // Libraries may print lines of their own.
      if (value.startsWith("{")) return JSON.parse(value) as Reply;
    }
  }

  /** Bytes; null where the system does not tell. */
  get residentMemory(): number | null {
    if (process.platform !== "linux") return null;
    const status = readFileSync(`/proc/${this.#process.pid}/status`, "utf8");
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024;
  }

  async stop(): Promise<void> {
    if (
      this.#process.pid === undefined ||
      this.#process.exitCode !== null ||
      this.#process.signalCode !== null
    )
      return;
    const exited = once(this.#process, "exit");
    this.#process.stdin.end();
    await exited;
  }
}
