import type { EventLoopDelay } from "./reply.ts";
import type { SubjectName } from "./subjects.ts";

/** What a run of the benchmark found. */
export interface Report {
  date: string;
  machine: Machine;
  results: Result[];
  extras?: Extras;
}

export interface Machine {
  cpu: string;
  cores: number;
  /** Bytes. */
  memory: number;
  os: string;
  node: string;
  libTorch: string;
  /** The versions of Python and its packages, and the name of the CUDA device. */
  python?: Record<string, string | null>;
}

/** One subject on one workload. */
export interface Result {
  workload: string;
  device: string;
  threads: number;
  subject: SubjectName;
  /** The median of the rounds, microseconds. */
  usPerStep: number;
  rounds: number[];
  min: number;
  max: number;
  stepsPerRound: number;
  /** The loss of some examples before and after a round. */
  initialLoss: number;
  finalLoss: number;
  /** Bytes, after the last round; null where the system does not tell. */
  residentMemory: number | null;
}

export interface Extras {
  /** Seconds from the start of a process to the end of its first step. */
  startup: { subject: SubjectName; seconds: number; runs: number[] }[];
  /** While a subject trains. */
  eventLoopDelay: ({ workload: string; subject: SubjectName } & EventLoopDelay)[];
}
