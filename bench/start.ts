import { Child } from "./child.ts";
import { type Place, type Subject, type SubjectName, subjects } from "./subjects.ts";

/** Starts a subject on the file of a workload. */
export function start(name: SubjectName, file: string, threads: number, place: Place): Child {
  const subject: Subject = subjects[name];
  const command = [...subject.command(place), file, "--device", place.device];
  return new Child(command, { OMP_NUM_THREADS: String(threads), ...subject.environment?.() });
}
