import { oneOf, type Partially } from "../options.ts";
import { JsonLogWriter } from "./json-log-writer.ts";
import type { LogWriter, LogWriterConfig } from "./log-writer.ts";
import { TensorBoardWriter } from "./tensorboard-writer.ts";

/** The log writers that a name selects: `"json"` and `"tensorboard"`. */
export const logWriterNames = ["json", "tensorboard"] as const;

/** The names of the log writers. */
export type LogWriterName = (typeof logWriterNames)[number];

/**
 * Makes the log writer of that name.
 *
 * @throws TypeError for another name.
 */
export function createLogWriter(name: LogWriterName, options?: Partially<LogWriterConfig>): LogWriter {
  const known = oneOf("createLogWriter", "logWriter", name, logWriterNames);
  return known === "json" ? new JsonLogWriter(options) : new TensorBoardWriter(options);
}
