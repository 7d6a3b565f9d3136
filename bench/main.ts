// Trains the same models on the same data with this package and with others, in turns: what does a step cost?
//
//   npm run bench -- [--quick] [--workload tiny,mid] [--subject recorded,snorkel] [--rounds 5] [--extras]
//                    [--device cuda] [--json FILE] [--programs DIR]
//
//   --quick      fewer steps per round and fewer rounds: some minutes
//   --extras     also start-up, the event loop, and the cost by number of tasks, examples and batches
//   --json       writes what was found, with the machine it was found on
//   --programs   the folder of the subjects in C++, compiled already; they are compiled otherwise
import { writeFileSync } from "node:fs";
import { measureExtras } from "./extras.ts";
import { describeMachine } from "./machine.ts";
import { measure } from "./measure.ts";
import { readOptions } from "./options.ts";
import { buildPrograms } from "./programs.ts";
import type { Report, Result } from "./report.ts";
import { formatReport, formatResults } from "./table.ts";
import { installTfjs } from "./tfjs-package.ts";

const options = readOptions(process.argv.slice(2));
const { plan, size, rounds, place } = options;
const used = new Set(plan.flatMap(({ subjects }) => subjects));
if (!options.hasPrograms && (used.has("libtorch") || used.has("floor"))) buildPrograms();
if (used.has("tfjs")) installTfjs();
const machine = describeMachine(used.has("snorkel") || used.has("pytorch") || used.has("pytorch-compiled"));

const results: Result[] = [];
for (const { workload, subjects } of plan) {
  if (subjects.length === 0) continue;
  console.log(
    `\n${workload.name} (batches of ${workload.batchSize}, threads: ${workload.threads}, ${place.device})`,
  );
  const ofWorkload = await measure(workload, subjects, rounds, place);
  console.log(formatResults(ofWorkload));
  results.push(...ofWorkload);
}
const extras = options.extras ? await measureExtras([...used], size, rounds, place) : undefined;
const report: Report = { date: new Date().toISOString(), machine, results, extras };

console.log(`\n${formatReport(report)}`);
if (options.json) writeFileSync(options.json, `${JSON.stringify(report, null, 2)}\n`);
