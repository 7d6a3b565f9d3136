import { parseArgs } from "node:util";
import { programsFolder } from "./programs.ts";
import {
  type Place,
  type Subject,
  type SubjectName,
  seriesSubjects,
  subjectNames,
  subjects,
} from "./subjects.ts";
import type { Workload } from "./workload.ts";
import { makeWorkload, type Size, seriesNames, workloadNames } from "./workloads.ts";

export interface BenchOptions {
  /** What is trained, each with the subjects that can. */
  plan: { workload: Workload; subjects: SubjectName[] }[];
  size: Size;
  rounds: number;
  extras: boolean;
  place: Place;
  /** Whether the programs in C++ are there already, in a folder of the user's. */
  hasPrograms: boolean;
  /** The file to write, or undefined. */
  json: string | undefined;
}

/** @throws Error for an unknown option, workload, subject or device, or a number of rounds that is none. */
export function readOptions(given: readonly string[]): BenchOptions {
  const { values } = parseArgs({
    args: [...given],
    options: {
      workload: { type: "string" },
      subject: { type: "string" },
      rounds: { type: "string" },
      quick: { type: "boolean", default: false },
      extras: { type: "boolean", default: false },
      device: { type: "string", default: "cpu" },
      programs: { type: "string" },
      json: { type: "string" },
    },
  });
  const { quick, extras, json, programs = programsFolder } = values;
  const size = quick ? "quick" : "full";
  const device = oneOf("device", values.device, ["cpu", "cuda"]);
  const names = split(values.workload) ?? [...workloadNames, ...(extras ? seriesNames(size) : [])];
  const chosen = split(values.subject)?.map((name) => oneOf("subject", name, subjectNames));
  return {
    plan: names.map((name) => {
      const workload = readWorkload(name, size);
      const wanted = chosen ?? (workloadNames.includes(name) ? subjectNames : seriesSubjects);
      return { workload, subjects: wanted.filter((subject) => trains(subject, workload, device)) };
    }),
    size,
    rounds: readRounds(values.rounds ?? (quick ? "3" : "5")),
    extras,
    place: { device, programs },
    hasPrograms: values.programs !== undefined,
    json,
  };
}

function trains(name: SubjectName, workload: Workload, device: Place["device"]): boolean {
  const subject: Subject = subjects[name];
  return subject.trains?.(workload, device) ?? true;
}

function split(list: string | undefined): string[] | undefined {
  return list?.split(",").map((name) => name.trim());
}

function readWorkload(name: string, size: Size): Workload {
  const workload = makeWorkload(name, size);
  return workload ?? oneOf("workload", name, [...workloadNames, ...seriesNames(size)] as never[]);
}

function readRounds(given: string): number {
  const rounds = Number(given);
  if (Number.isInteger(rounds) && rounds > 0) return rounds;
  throw new Error(`[bench] expected a number of rounds, got ${JSON.stringify(given)}`);
}

function oneOf<Name extends string>(what: string, given: string, names: readonly Name[]): Name {
  const found = names.find((name) => name === given);
  if (found !== undefined) return found;
  throw new Error(`[bench] expected a ${what} among ${names.join(", ")}, got ${JSON.stringify(given)}`);
}
