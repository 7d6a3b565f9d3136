export { Arena, enterPart, Program, recordStep, StepRecord, type StepTensors } from "./program.ts";
export {
  type InputSource,
  type RunProgram,
  type TrainingPlan,
  type TrainingResult,
  TrainingThread,
} from "./training-thread.ts";
