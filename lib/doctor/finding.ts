/** What one check of `snorkel-torch doctor` has found. */
export type Finding = FineFinding | Complaint | SkippedFinding;

interface AnyFinding {
  /** What was looked at: `LibTorch`. */
  check: string;
  /** One line. */
  summary: string;
  /** Further lines. */
  details?: readonly string[];
  /** The same for programs. */
  facts?: Readonly<Record<string, unknown>>;
}

/** All is well. */
export interface FineFinding extends AnyFinding {
  status: "ok";
}

/** Something that is needed is missing or broken (`failed`), or could be better (`warning`). */
export interface Complaint extends AnyFinding {
  status: "failed" | "warning";
  /** The one command that helps, or what else to do. */
  fix: string;
}

/** It could not be looked at, for want of something that another finding complains of. */
export interface SkippedFinding extends AnyFinding {
  status: "skipped";
}
