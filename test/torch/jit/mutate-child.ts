// Loads damaged copies of a golden file: `mutate-child.ts FILE FOLDER LOG FIRST_SEED CASES`. What is about to be loaded is
// written to LOG first, so that the last line there names the damage that ended the process.
import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { jit, noGrad, scope, zeros } from "../../../lib/torch/index.ts";
import { type Draw, drawFrom, pick } from "../../draw.ts";
import { goldenPath, readRecords, zipped } from "./archives.ts";

const [file = "", folder = "", log = "", firstSeed = "0", cases = "1"] = process.argv.slice(2);
const whole = readFileSync(goldenPath(file));
const records = [...(await readRecords(goldenPath(file)))];
const inputs = { trunk: [2, 1, 8, 8], frozen: [2, 1, 8, 8], traced: [2, 3] }[file] ?? [3, 2];
// What LibTorch reads first and trusts most.
const programs = records.filter(([name]) => /\.(pkl|py)$|version$/.test(name)).map(([name]) => name);

const damages: ((bytes: Buffer, draw: Draw) => Buffer)[] = [
  (bytes, draw) => bytes.subarray(0, at(bytes, draw)),
  (bytes, draw) => edited(bytes, draw, (byte) => byte ^ (1 << Math.floor(draw() * 8))),
  (bytes, draw) => edited(bytes, draw, () => Math.floor(draw() * 256)),
  (bytes, draw) => edited(bytes, draw, () => pick(draw, [0, 0xff, 0x7f, 0x80])),
  (bytes, draw) => spliced(bytes, at(bytes, draw), 1 + Math.floor(draw() * 4), Buffer.alloc(0)),
  (bytes, draw) => {
    const [from, to] = [at(bytes, draw), at(bytes, draw)];
    return spliced(bytes, to, 0, bytes.subarray(from, from + 1 + Math.floor(draw() * 16)));
  },
];

function at(bytes: Buffer, draw: Draw): number {
  return Math.floor(draw() * bytes.length);
}

function spliced(bytes: Buffer, start: number, count: number, inserted: Buffer): Buffer {
  return Buffer.concat([bytes.subarray(0, start), inserted, bytes.subarray(start + count)]);
}

function edited(bytes: Buffer, draw: Draw, edit: (byte: number) => number): Buffer {
  const copy = Buffer.from(bytes);
  for (let count = 1 + Math.floor(draw() * 3); count > 0 && copy.length > 0; count--) {
    const place = at(copy, draw);
    copy[place] = edit(copy[place] ?? 0);
  }
  return copy;
}

/** Damage to the file as it lies there, or to a record, which gets the right checksum. */
async function damaged(draw: Draw): Promise<Buffer> {
  const damage = pick(draw, damages);
  if (draw() < 0.2) return damage(whole, draw);
  const name = draw() < 0.9 ? pick(draw, programs) : pick(draw, records)[0];
  return zipped(records.map(([other, content]) => [other, other === name ? damage(content, draw) : content]));
}

let loaded = 0;
let refused = 0;
const path = join(folder, "damaged.pt");
for (let seed = Number(firstSeed); seed < Number(firstSeed) + Number(cases); seed++) {
  const bytes = await damaged(drawFrom(seed));
  writeFileSync(path, bytes);
  appendFileSync(log, `load ${seed}\n`);
  try {
    const module = await jit.load(path);
    loaded++;
    appendFileSync(log, `run ${seed}\n`);
    try {
      noGrad(() => scope(() => void module.eval().forward(zeros(inputs))));
      module.stateDict();
    } catch (error) {
      if (!(error instanceof Error)) throw error;
    }
  } catch (error) {
    if (!(error instanceof Error) || !error.message.includes(path)) throw error;
    refused++;
  }
}
appendFileSync(log, `done ${loaded} ${refused} ${Math.round(process.resourceUsage().maxRSS / 1024)}\n`);
