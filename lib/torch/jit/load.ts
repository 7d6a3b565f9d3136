import { open } from "node:fs/promises";
import { expected, messageOf } from "../../errors.ts";
import { mergeOptions } from "../../options.ts";
import { checkDevice, version } from "../device.ts";
import { native } from "../native.ts";
import { type Records, readArchive, record } from "./archive.ts";
import { checkCode } from "./check-code.ts";
import { checkPickle } from "./check-pickle.ts";
import { type ScriptModule, scriptModule } from "./script-module.ts";

const where = "torch.jit.load";

/**
 * Loads a TorchScript file, which Python's `torch.jit.save` or `ScriptModule.save` wrote, as a module that computes and
 * trains like any other.
 *
 * Damage is found before LibTorch sees the file: every record is compared with its checksum, and what would make
 * LibTorch read beyond its memory is refused. But a TorchScript file is a program. Operators that touch files or other
 * processes are refused; what else a program does, such as computing for ever, is between it and you. Load only what you
 * trust.
 *
 * Beside the module's own memory, that of the file is needed while it is loaded.
 *
 * @param options.device - where parameters, buffers and constants are put; "cpu" by default
 * @throws TypeError naming the file: one that is damaged, no TorchScript, of a version that this LibTorch does not read,
 *   or whose program is refused.
 * @throws Error naming the file where it cannot be read.
 * @see https://pytorch.org/docs/stable/generated/torch.jit.load.html
 */
export async function load(path: string, options: { device?: string } = {}): Promise<ScriptModule> {
  if (typeof path !== "string") throw expected(where, "a path", "path", path);
  const given = mergeOptions(where, { device: "cpu" }, options);
  const device = checkDevice(where, given.device);
  const here = `${where} ${path}`;
  const bytes = await readBytes(here, path);
  await checkFile(here, bytes);
  try {
    return scriptModule(native.scriptLoad(bytes, device));
  } catch (error) {
    const reason = error instanceof Error ? error.message.replace(/^\[[^\]]*\] /, "") : String(error);
    throw new TypeError(`[${here}] ${reason}`, { cause: error });
  }
}

/** All of the file, so that what was checked is what is loaded. */
async function readBytes(here: string, path: string): Promise<Buffer> {
  try {
    const file = await open(path);
    try {
      const { size } = await file.stat();
      const bytes = Buffer.allocUnsafeSlow(size);
      for (let filled = 0; filled < size; ) {
        const { bytesRead } = await file.read(bytes, filled, size - filled, filled);
        if (bytesRead === 0) throw new Error("the file became shorter while it was read");
        filled += bytesRead;
      }
      return bytes;
    } finally {
      await file.close();
    }
  } catch (error) {
    const reason = messageOf(error);
    throw new Error(`[${here}] expected to read the file, got ${reason}`, { cause: error });
  }
}

async function checkFile(here: string, bytes: Buffer): Promise<void> {
  const remedy = "Files of torch.save are read by torch.load";
  if (bytes[0] === 0x80) throw expected(here, "a TorchScript file", "the file", "a pickle", remedy);
  const records = await readArchive(here, bytes);
  const sources = new Map(
    [...records]
      .filter(([name]) => name.startsWith("code/") && name.endsWith(".py"))
      .map(([name, content]) => [name, content.toString("latin1")]),
  );
  if (!records.has("constants.pkl") || sources.size === 0) {
    const what = records.has("data.pkl") ? "an archive of torch.save" : "an archive of something else";
    throw new TypeError(
      `[${here}] expected a TorchScript file (with code/ and constants.pkl), got ${what}. ${remedy}`,
    );
  }
  checkVersion(here, records);
  checkCode(here, sources);
  for (const name of ["constants", "data"]) {
    const pickle = record(here, records, `${name}.pkl`);
    checkPickle(here, `${name}.pkl`, pickle, (key) => records.get(`${name}/${key}`));
  }
}

function checkVersion(here: string, records: Records): void {
  const name = records.has(".data/version") ? ".data/version" : "version";
  const text = record(here, records, name).toString("latin1").trim();
  const found = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  const [first = 0, last = 0] = native.scriptFormatVersions();
  if (found >= first && found <= last) return;
  const reads = `version ${first} to ${last} of the format, which LibTorch ${version} reads,`;
  const remedy =
    found > last
      ? "A newer PyTorch wrote the file: save it with one that is no newer than LibTorch here"
      : undefined;
  throw expected(here, reads, "the file", text, remedy);
}
