import { createInterface } from "node:readline";
import type { Reply, Request } from "../reply.ts";

/** Answers every request with a round, until the standard input ends. */
export async function serve(round: (request: Request) => Promise<Reply>): Promise<void> {
  for await (const line of createInterface({ input: process.stdin }))
    console.log(JSON.stringify(await round(JSON.parse(line) as Request)));
}
