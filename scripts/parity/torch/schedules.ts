import {
  type PlateauOptions,
  type PlateauState,
  type RateSchedule,
  ReduceLROnPlateau,
  scheduleRates,
} from "../../../lib/torch/optim/index.ts";
import type { Row } from "./row.ts";

export interface SchedulesGolden {
  schedules: { schedule: Record<string, unknown>; rates: number[] }[];
  plateaus: {
    options: PlateauOptions;
    lr: number;
    metrics: number[];
    rates: number[];
    state: PlateauState;
  }[];
}

/** The learning rates of each step against those that PyTorch's schedulers wrote into the optimizer. */
export function compareSchedules({ schedules, plateaus }: SchedulesGolden): Row[] {
  const row = (name: string, difference: number): Row => ({ part: "schedule", name, difference, bound: 0 });
  return [
    ...schedules.map(({ schedule, rates }) =>
      row(JSON.stringify(schedule), difference(scheduleRates(revive(schedule), 0, rates.length), rates)),
    ),
    ...plateaus.map((golden) =>
      row(`ReduceLROnPlateau ${JSON.stringify(golden.options)}`, plateauDifference(golden)),
    ),
  ];
}

/** A recorded schedule. Functions are recorded as the `decay` of 1 / (1 + decay * step). */
function revive({ decay, ...schedule }: Record<string, unknown>): RateSchedule {
  const lambda = decay === undefined ? {} : { lrLambda: (step: number) => 1 / (1 + Number(decay) * step) };
  return { ...schedule, ...lambda } as unknown as RateSchedule;
}

function plateauDifference({ options, lr, metrics, rates, state }: SchedulesGolden["plateaus"][0]): number {
  const optimizer = { lr };
  const plateau = new ReduceLROnPlateau(optimizer, options);
  const ours = metrics.map((metric) => {
    plateau.step(metric);
    return optimizer.lr;
  });
  const isSameState = Object.entries(plateau.stateDict()).every(
    ([name, value]) => state[name as keyof PlateauState] === value,
  );
  return isSameState ? difference(ours, rates) : Number.NaN;
}

function difference(ours: ArrayLike<number>, python: readonly number[]): number {
  if (ours.length !== python.length) return Number.NaN;
  const worst = Math.max(...python.map((rate, step) => Math.abs((ours[step] ?? Number.NaN) - rate)));
  return worst === 0 ? 0 : worst / Math.max(...python);
}
