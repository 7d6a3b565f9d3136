import { join } from "node:path";
import { describe, expected } from "../errors.ts";
import { writeTextAtomically } from "../files.ts";
import { mergeOptions, type Partially } from "../options.ts";
import { type LogWriter, type LogWriterConfig, logWriterDefaults } from "./log-writer.ts";
import { makeRunFolder } from "./run-folder.ts";

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
  readonly #scalars = new Map<string, [step: number, value: number][]>();
  #changed = true;

  constructor(options?: Partially<LogWriterConfig>) {
    const { runName, folder } = makeRunFolder(mergeOptions("LogWriter", logWriterDefaults, options));
    this.runName = runName;
    this.logDir = folder;
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

/** A configuration as indented JSON; a function in it, which JSON would drop, is named. */
export function configToJson(config: object): string {
  const name = (_: string, value: unknown) => (typeof value === "function" ? describe(value) : value);
  return JSON.stringify(config, name, 2);
}
