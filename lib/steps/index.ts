export { type PlannedStep, StepPlan } from "./step-plan.ts";
export { StepPlanner, type UngatheredBatch } from "./step-planner.ts";
export { type StepKind, StepPrograms } from "./step-programs.ts";
