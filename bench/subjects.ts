import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { findPython } from "../scripts/parity/python.ts";
import { withLibTorch } from "./programs.ts";
import type { Workload } from "./workload.ts";

/** Where a subject is to run. */
export interface Place {
  device: "cpu" | "cuda";
  /** The folder of the programs in C++. */
  programs: string;
}

export interface Subject {
  /** What it is, in a few words. */
  title: string;
  /** The program that trains a workload, without the workload's file. */
  command: (place: Place) => string[];
  environment?: () => NodeJS.ProcessEnv;
  /** Whether it can train a workload on a device; any by default. */
  trains?: (workload: Workload, device: Place["device"]) => boolean;
}

const folder = resolve(import.meta.dirname, "subjects");

/** What is compared, the one that the others are compared with first. */
export const subjects = {
  recorded: {
    title: "snorkel-torch",
    command: () => compiled("snorkel-torch.ts"),
  },
  eager: {
    title: "snorkel-torch, eager",
    command: () => [...compiled("snorkel-torch.ts"), "--eager"],
  },
  snorkel: {
    title: "Python Snorkel",
    command: () => [findPython(), join(folder, "snorkel_trainer.py")],
    trains: ({ name }) => !/^examples-1\d{6}/.test(name),
  },
  pytorch: {
    title: "tuned PyTorch loop",
    command: () => [findPython(), join(folder, "pytorch.py")],
  },
  "pytorch-compiled": {
    title: "tuned PyTorch loop, compiled",
    command: () => [findPython(), join(folder, "pytorch.py"), "--compiled"],
    trains: (_, device) => device === "cuda",
  },
  libtorch: {
    title: "C++ LibTorch loop",
    command: ({ programs }) => [join(programs, "libtorch")],
    environment: withLibTorch,
  },
  floor: {
    title: "bare kernels",
    command: ({ programs }) => [join(programs, "floor")],
    environment: withLibTorch,
    trains: ({ trunk }) => trunk.every(([kind]) => kind === "linear" || kind === "relu"),
  },
  tfjs: {
    title: "TensorFlow.js, cpu backend",
    command: () => typeScript("tfjs.ts"),
    trains: ({ name }, device) => device === "cpu" && ["tiny", "mid"].includes(name),
  },
} as const satisfies Record<string, Subject>;

export type SubjectName = keyof typeof subjects;

export const subjectNames = Object.keys(subjects) as SubjectName[];

/** Those that the series over one number compare. */
export const seriesSubjects: readonly SubjectName[] = ["recorded", "eager", "snorkel", "pytorch"];

/** As a user's program runs: what tsc made of it, where it did. */
function compiled(name: string): string[] {
  const file = resolve(folder, "../../build/bench-subjects/subjects", name.replace(/ts$/, "js"));
  return existsSync(file) ? [process.execPath, file] : typeScript(name);
}

function typeScript(name: string): string[] {
  return [process.execPath, "--import", import.meta.resolve("tsx"), join(folder, name)];
}
