import type { Failure } from "./outcome.ts";

/** The same failure in the words of both sides. */
const kinds: { kind: string; snorkel: RegExp; here: RegExp }[] = [
  {
    kind: "a metric of two classes for many",
    snorkel: /f1 not supported for multiclass|average='binary'|pos_label=1 is not a valid label/,
    here: /expected the labels 0 and 1 for/,
  },
  {
    kind: "no loader to train on",
    snorkel: /Cannot find any dataloaders with split matching/,
    here: /Cannot find any dataloaders with split matching/,
  },
  {
    kind: "predictions from probabilities that are NaN",
    snorkel: /integer modulo by zero/,
    here: /expected finite numbers for probs/,
  },
  {
    kind: "one row to normalize",
    snorkel: /Expected more than 1 value per channel when training/,
    here: /Expected more than 1 value per channel when training/,
  },
];

/** The moment and kind of a failure; one that no kind is known for is only the same as itself. */
export function failureKind(failure: Failure | null): string {
  if (failure === null) return "none";
  const known = kinds.find(
    ({ snorkel, here }) => snorkel.test(failure.message) || here.test(failure.message),
  );
  return `${known?.kind ?? `${failure.type}: ${failure.message}`} (${failure.during})`;
}
