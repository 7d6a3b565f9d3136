export { Arena, Program, recordStep, StepRecord, type StepTensors } from "./program.ts";
