export { Arena, enterPart, Program, recordStep, StepRecord, type StepTensors } from "./program.ts";
export {
  type InputSource,
  type RunProgram,
  type ThreadOptions,
  type TrainingPlan,
  type TrainingResult,
  TrainingThread,
  threadOptions,
} from "./training-thread.ts";
