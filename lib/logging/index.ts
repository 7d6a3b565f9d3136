export {
  type Checkpointable,
  Checkpointer,
  type CheckpointerConfig,
  type CheckpointerOptions,
  type CheckpointerState,
  checkpointerDefaults,
} from "./checkpointer.ts";
export { createLogWriter, type LogWriterName, logWriterNames } from "./create-log-writer.ts";
export { JsonLogWriter } from "./json-log-writer.ts";
export {
  type CounterUnit,
  LogManager,
  type LogManagerConfig,
  type LogManagerOptions,
  type LogManagerState,
  logManagerDefaults,
} from "./log-manager.ts";
export { type LogWriter, type LogWriterConfig, logWriterDefaults } from "./log-writer.ts";
export { NullLogWriter } from "./null-log-writer.ts";
export { TensorBoardWriter } from "./tensorboard-writer.ts";
