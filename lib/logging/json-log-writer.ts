import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expected } from "../errors.ts";
import { writeTextAtomically } from "../files.ts";
import { isPlainObject, mergeOptions, type Partially } from "../options.ts";
import { type LogWriter, type LogWriterConfig, logWriterDefaults } from "./log-writer.ts";
import { makeRunFolder } from "./run-folder.ts";

/** A value that JSON cannot hold comes back from a file as null, and stays so. */
type Row = [step: number, value: number | null];

/**
 * Writes the scalars of a run to `log.json` in the run's folder, `{ "metric/name": [[step, value], ...] }`, as a whole
 * at every flush. A value that JSON cannot hold (NaN, Infinity) is written as `null`.
 *
 * Source: `snorkel.classification.training.loggers.LogWriter`.
 *
 * @throws TypeError for an unknown option or a bad name; Error when the folder cannot be made.
 */
export class JsonLogWriter implements LogWriter {
  readonly logDir: string;
  readonly runName: string;
  #scalars = new Map<string, Row[]>();
  #changed = true;

  constructor(options?: Partially<LogWriterConfig>) {
    const { runName, folder } = makeRunFolder(mergeOptions("LogWriter", logWriterDefaults, options));
    this.runName = runName;
    this.logDir = folder;
  }

  async resume(step: number): Promise<void> {
    const path = join(this.logDir, "log.json");
    if (!existsSync(path)) return;
    const kept = Object.entries(readLog(path, await readFile(path, "utf8"))).map(
      ([name, rows]) => [name, rows.filter(([at]) => at <= step)] as const,
    );
    this.#scalars = new Map(kept.filter(([, rows]) => rows.length > 0));
    this.#changed = true;
  }

  addScalar(name: string, value: number, step: number): void {
    if (typeof value !== "number") throw expected("LogWriter.addScalar", "a number", name, value);
    const series = this.#scalars.get(name);
    if (series) series.push([step, value]);
    else this.#scalars.set(name, [[step, value]]);
    this.#changed = true;
  }

  writeConfig(config: object, filename = "config.json"): Promise<void> {
    return this.writeText(configToJson(config), filename);
  }

  writeText(text: string, filename: string): Promise<void> {
    return writeTextAtomically(join(this.logDir, filename), text);
  }

  writeJson(value: unknown, filename: string): Promise<void> {
    if (!filename.endsWith(".json")) {
      process.emitWarning(`[LogWriter.writeJson] expected a name ending in .json, got ${describe(filename)}`);
    }
    return this.writeText(JSON.stringify(value), filename);
  }

  async flush(): Promise<void> {
    if (!this.#changed) return;
    this.#changed = false;
    try {
      await this.writeJson(Object.fromEntries(this.#scalars), "log.json");
    } catch (error) {
      this.#changed = true;
      throw error;
    }
  }

  cleanup(): Promise<void> {
    return this.flush();
  }
}

function readLog(path: string, text: string): Record<string, Row[]> {
  const isRow = (row: unknown) =>
    Array.isArray(row) &&
    row.length === 2 &&
    typeof row[0] === "number" &&
    ["number", "object"].includes(typeof row[1]);
  let log: unknown;
  try {
    log = JSON.parse(text);
  } catch {
    // Reported below, as what else is no log.
  }
  const isLog =
    isPlainObject(log) && Object.values(log).every((rows) => Array.isArray(rows) && rows.every(isRow));
  if (isLog) return log as Record<string, Row[]>;
  throw expected(
    "LogWriter",
    "series of [step, value] to go on from",
    path,
    text,
    "Remove the file, or log elsewhere",
  );
}

/** A configuration as indented JSON; a function in it, which JSON would drop, is named. */
export function configToJson(config: object): string {
  const name = (_: string, value: unknown) => (typeof value === "function" ? describe(value) : value);
  return JSON.stringify(config, name, 2);
}
