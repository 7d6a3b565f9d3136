// Draws what the penguins example logged, for the front page.
//
//   tsx scripts/draw-training.ts [logs/RUN/log.json]     a log that is given takes the place of docs/penguins.json
import { readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { drawnMetrics, drawTraining, type Log } from "./training-figure.ts";

const docs = resolve(import.meta.dirname, "../docs");
const data = resolve(docs, "penguins.json");
const [given] = process.argv.slice(2);
const log = drawnMetrics(JSON.parse(readFileSync(given ?? data, "utf8")) as Log);
if (given !== undefined) writeFileSync(data, formatLog(log));
writeFileSync(resolve(docs, "penguins.svg"), `${await drawTraining(log)}\n`);

/** A line for each metric. */
function formatLog(log: Log): string {
  const lines = Object.entries(log).map(
    ([name, points]) => `  ${JSON.stringify(name)}: ${JSON.stringify(points)}`,
  );
  return `{\n${lines.join(",\n")}\n}\n`;
}
