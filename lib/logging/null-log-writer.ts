import type { LogWriter } from "./log-writer.ts";

/** The writer of a run that keeps no logs: does nothing. */
export class NullLogWriter implements LogWriter {
  readonly logDir = null;
  readonly runName = null;

  async resume(): Promise<void> {}
  addScalar(): void {}
  async writeConfig(): Promise<void> {}
  async writeText(): Promise<void> {}
  async writeJson(): Promise<void> {}
  async flush(): Promise<void> {}
  async cleanup(): Promise<void> {}
}
