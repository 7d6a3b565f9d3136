import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type { Partially } from "../options.ts";
import { cutEventFile } from "./cut-event-file.ts";
import { EventFile, eventFilePrefix } from "./event-file.ts";
import { configToJson, JsonLogWriter } from "./json-log-writer.ts";
import type { LogWriter, LogWriterConfig } from "./log-writer.ts";

/**
 * Writes the scalars of a run to an event file that TensorBoard opens, and, beside it, all that {@link JsonLogWriter}
 * writes. A configuration is also shown as text in TensorBoard.
 *
 * Source: `snorkel.classification.training.loggers.TensorBoardWriter`, which writes no `log.json`.
 *
 * @throws TypeError for an unknown option or a bad name; Error when the folder or the file cannot be made.
 */
export class TensorBoardWriter implements LogWriter {
  readonly logDir: string;
  readonly runName: string;
  readonly #json: JsonLogWriter;
  readonly #events: EventFile;

  constructor(options?: Partially<LogWriterConfig>) {
    this.#json = new JsonLogWriter(options);
    this.logDir = this.#json.logDir;
    this.runName = this.#json.runName;
    this.#events = new EventFile(this.logDir);
  }

  async resume(step: number): Promise<void> {
    await this.#json.resume(step);
    const names = await readdir(this.logDir);
    for (const name of names.filter((name) => name.startsWith(eventFilePrefix))) {
      const path = join(this.logDir, name);
      if (path !== this.#events.path) await cutEventFile(path, step);
    }
  }

  addScalar(name: string, value: number, step: number): void {
    this.#json.addScalar(name, value, step);
    this.#events.addScalar(name, value, step);
  }

  async writeConfig(config: object, filename?: string): Promise<void> {
    await this.#json.writeConfig(config, filename);
    this.#events.addText("config", `\`\`\`json\n${configToJson(config)}\n\`\`\``);
  }

  writeText(text: string, filename: string): Promise<void> {
    return this.#json.writeText(text, filename);
  }

  writeJson(value: unknown, filename: string): Promise<void> {
    return this.#json.writeJson(value, filename);
  }

  async flush(): Promise<void> {
    await this.#json.flush();
    await this.#events.flush();
  }

  cleanup(): Promise<void> {
    return this.flush();
  }
}
