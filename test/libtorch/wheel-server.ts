import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { libTorchVersion } from "../../lib/libtorch/index.ts";
import { temporaryFolder, wheelContents, writeZip } from "./fake-wheel.ts";

const tags: Record<string, string> = {
  "linux-x64": "manylinux_2_28_x86_64",
  "linux-arm64": "manylinux_2_28_aarch64",
  "darwin-arm64": "macosx_14_0_arm64",
  "win32-x64": "win_amd64",
};

const wheelName = `torch-${libTorchVersion}+cpu-cp312-cp312-${tags[`${process.platform}-${process.arch}`]}.whl`;

export interface WheelServer {
  indexUrl: string;
  /** The wheel that it serves. */
  bytes: Buffer;
  /** The Range header of each request for the wheel. */
  ranges: (string | undefined)[];
}

interface Behaviour {
  contents?: Record<string, string | Buffer>;
  /** The checksum that the index gives. Default: the right one. */
  sha256?: string;
  /** After so many bytes the connection breaks, in each of the first requests that are listed. */
  breakAfter?: number[];
}

/** A package index on this machine with one CPU wheel, which understands ranges as PyTorch's does. */
export async function serveWheel(context: TestContext, behaviour: Behaviour = {}): Promise<WheelServer> {
  const file = join(temporaryFolder(context), "wheel");
  await writeZip(file, behaviour.contents ?? wheelContents());
  const bytes = readFileSync(file);
  const sha256 = behaviour.sha256 ?? createHash("sha256").update(bytes).digest("hex");
  const breaks = [...(behaviour.breakAfter ?? [])];
  const ranges: (string | undefined)[] = [];

  const answer: RequestListener = (request, response) => {
    if (request.url === "/whl/cpu/torch/") {
      const other = wheelName.replace(libTorchVersion, "2.12.0");
      const link = (name: string) =>
        `<a href="/whl/cpu/${encodeURIComponent(name)}#sha256=${sha256}">${name}</a><br/>`;
      return void response.end(`<html><body>${link(other)}${link(wheelName)}</body></html>`);
    }
    ranges.push(request.headers.range);
    const start = Number(/bytes=(\d+)-/.exec(request.headers.range ?? "")?.[1] ?? 0);
    if (start >= bytes.length) return void response.writeHead(416).end();
    response.writeHead(start > 0 ? 206 : 200, { "content-length": bytes.length - start });
    const limit = breaks.shift();
    if (limit === undefined) return void response.end(bytes.subarray(start));
    response.write(bytes.subarray(start, start + limit), () => setTimeout(() => response.destroy(), 50));
  };
  return { indexUrl: `${await serve(context, answer)}whl/cpu/torch/`, bytes, ranges };
}

/** A server on this machine for the time of a test; returns its URL. */
export async function serve(context: TestContext, answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  context.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}
