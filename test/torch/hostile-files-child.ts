import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  load,
  loadNpy,
  loadNpz,
  loadSafetensors,
  ones,
  saveSafetensors,
  Tensor,
} from "../../lib/torch/index.ts";
import { readEntry, readZip } from "../../lib/torch/zip-reader.ts";
import { writeZip } from "../../lib/torch/zip-writer.ts";
import { type Draw, drawFrom, pick } from "../draw.ts";
import type { HostileFilesReport } from "./hostile-files.ts";

const [count = "0", seed = "0", ...subjects] = process.argv.slice(2);
/** A load of these small files that takes longer hangs. */
const patience = 5000;
const folder = mkdtempSync(join(tmpdir(), "hostile-files-"));
const golden = (name: string) => join(import.meta.dirname, "../goldens/pt", name);

const loaders: Record<string, (path: string) => Promise<unknown>> = {
  pt: load,
  npy: loadNpy,
  npz: loadNpz,
  safetensors: loadSafetensors,
  json: loadSafetensors,
};

/** The bytes to be damaged, and how a file is made of them. */
interface Subject {
  path: string;
  bytes: Buffer;
  write: (bytes: Buffer) => Promise<void>;
}

async function prepare(subject: string): Promise<Subject> {
  const [member, archive] = subject.split(" of ") as [string, string | undefined];
  const path = join(folder, archive ?? member);
  const write = async (bytes: Buffer) => writeFileSync(path, bytes);
  if (archive !== undefined) return prepareMember(member, golden(archive), path);
  if (!member.startsWith("a.")) return { path, bytes: readFileSync(golden(member)), write };
  const tensors = { one: ones([3, 4]), two: ones([5], { dtype: "bool" }), three: ones([]).to("bfloat16") };
  await saveSafetensors(path, tensors, { note: "text" });
  return { path, bytes: readFileSync(path), write };
}

/** One entry of an archive is damaged, and its checksum is right again. */
async function prepareMember(member: string, archive: string, path: string): Promise<Subject> {
  const file = await open(archive);
  const { size } = await file.stat();
  const entries = await readZip("golden", file, size, async (found) => {
    const all = [...found.values()].map(
      async (entry) => [entry.name, await readEntry("golden", entry, 1e7)] as const,
    );
    return Promise.all(all);
  });
  await file.close();
  const isMember = (name: string) => name === member || name.endsWith(`/${member}`);
  const write = async (bytes: Buffer) => {
    const sources = entries.map(([name, content]) => {
      const written = isMember(name) ? bytes : content;
      return { name, size: written.length, chunks: () => (written.length > 0 ? [written] : []) };
    });
    const target = await open(path, "w");
    await writeZip(target, sources);
    await target.close();
  };
  return { path, bytes: entries.find(([name]) => isMember(name))?.[1] as Buffer, write };
}

function damage(whole: Buffer, draw: Draw): Buffer {
  const bytes = Buffer.from(whole);
  const place = () => Math.floor(draw() * bytes.length);
  const length = () => 1 + Math.floor(draw() * 16);
  const kind = Math.floor(draw() * 6);
  if (kind === 0) return bytes.subarray(0, place());
  if (kind === 1) {
    const at = place();
    return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + length())]);
  }
  if (kind === 2) {
    const from = place();
    const at = place();
    const part = bytes.subarray(from, from + length());
    return Buffer.concat([bytes.subarray(0, at), part, bytes.subarray(at)]);
  }
  if (kind === 3) {
    const at = place();
    const end = Math.min(at + pick(draw, [1, 2, 4, 8]), bytes.length);
    return bytes.fill(pick(draw, [0, 0x7f, 0x80, 0xff]), at, end);
  }
  for (let flip = length(); flip > 0; flip -= kind) {
    const at = place();
    bytes.writeUInt8((bytes[at] as number) ^ (1 << Math.floor(draw() * 8)), at);
  }
  return bytes;
}

function disposeAll(value: unknown, seen = new Set<unknown>()): void {
  if (typeof value !== "object" || value === null || seen.has(value)) return;
  seen.add(value);
  if (value instanceof Tensor) value.dispose();
  else for (const inner of Object.values(value)) disposeAll(inner, seen);
}

async function report(subject: string): Promise<HostileFilesReport> {
  const { path, bytes, write } = await prepare(subject);
  const loader = loaders[path.split(".").at(-1) ?? ""] as (path: string) => Promise<unknown>;
  const draw = drawFrom(Number(seed));
  const result: HostileFilesReport = { loaded: 0, refused: 0, complaints: [], growth: 0 };
  await write(bytes);
  for (let i = 0; i < 20; i++) disposeAll(await loader(path));
  const before = process.resourceUsage().maxRSS;
  for (let i = 0; i < Number(count); i++) {
    const damaged = damage(bytes, draw);
    await write(damaged);
    const start = performance.now();
    try {
      disposeAll(await loader(path));
      result.loaded++;
    } catch (error) {
      result.refused++;
      const message = error instanceof Error ? error.message : String(error);
      if (!/^\[(torch\.load|npy|npz|safetensors) [^\]]*hostile-files-[^\]]*\] expected /.test(message)) {
        result.complaints.push(`${i}: ${message}`);
      }
      if (/call stack|is not a function|undefined \(reading/.test(message))
        result.complaints.push(`${i}: ${message}`);
    }
    const took = performance.now() - start;
    if (took > patience) result.complaints.push(`${i}: took ${took} ms`);
    if (i % 50 === 0) globalThis.gc?.();
  }
  result.growth = (process.resourceUsage().maxRSS - before) * 1024;
  return result;
}

try {
  const reports: [string, HostileFilesReport][] = [];
  for (const subject of subjects) reports.push([subject, await report(subject)]);
  console.log(JSON.stringify(Object.fromEntries(reports)));
} finally {
  rmSync(folder, { recursive: true });
}
