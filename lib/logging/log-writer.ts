/** Where the logs of a run go. */
export interface LogWriterConfig {
  /** The folder under which every run has its own. */
  logDir: string;
  /** The name of this run's folder; `null` for the local date and time, `YYYY_MM_DD/HH_MM_SS/`. */
  runName: string | null;
}

/** The defaults of {@link LogWriterConfig}. */
export const logWriterDefaults: LogWriterConfig = { logDir: "logs", runName: null };

/**
 * Takes what a training run reports. Scalars are gathered in memory; `flush` brings them to disk, so that a run that
 * dies loses nothing from before its last evaluation.
 *
 * Source: `snorkel.classification.training.loggers.LogWriter`, whose `log_dir` this `logDir` is: the folder of the run.
 */
export interface LogWriter {
  /** The folder of this run, `logDir/runName`; `null` for a writer that writes no files. */
  readonly logDir: string | null;
  /** The name of the run; `null` for a writer that writes no files. */
  readonly runName: string | null;

  /**
   * Goes on with the logs that an earlier run of the same name left in its folder, to be called before anything is logged:
   * scalars up to a step stay, later ones are dropped, to be logged anew.
   */
  resume(step: number): Promise<void>;

  /**
   * Logs one value of a series.
   *
   * @param name such as `model/all/train/loss`.
   * @param step the place on the step axis: points trained on so far.
   */
  addScalar(name: string, value: number, step: number): void;

  /** Writes a configuration, nested ones under their names, to `filename` (default `config.json`). */
  writeConfig(config: object, filename?: string): Promise<void>;

  /** Writes text, such as the command that started the run. */
  writeText(text: string, filename: string): Promise<void>;

  /** Writes a value as JSON; warns when `filename` does not end in `.json`. */
  writeJson(value: unknown, filename: string): Promise<void>;

  /** Brings the scalars logged so far to disk. */
  flush(): Promise<void>;

  /** Flushes; nothing is logged afterwards. */
  cleanup(): Promise<void>;
}
