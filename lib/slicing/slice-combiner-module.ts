import { expected } from "../errors.ts";
import type { Outputs } from "../model/index.ts";
import { mergeOptions, number, oneOf } from "../options.ts";
import { cat, nn, stack, Tensor } from "../torch/index.ts";

const { softmax } = nn.functional;

/** How sure a predictor is: see {@link SliceCombinerOptions.confidence}. */
export type Confidence = "positive" | "highest";

/** Options of a {@link SliceCombinerModule}. */
export interface SliceCombinerOptions {
  /** How the operations of indicator heads end: "_ind_head" by default. */
  sliceIndKey: string;
  /** How the operations of predictor heads end: "_pred_head" by default. */
  slicePredKey: string;
  /** How the operations of the slices' representations end: "_pred_transform" by default. */
  slicePredFeatKey: string;
  /** Below 1 the weights lean to one slice, above to all alike; 1 by default. */
  temperature: number;
  /**
   * How sure a predictor is taken to be: the probability of the `"positive"` class, 1, of two, or that of the
   * `"highest"` one. By default that of the positive class for two classes, as in Snorkel, and of the highest for more.
   */
  confidence: Confidence | null;
  /**
   * The slices to combine, as their operations begin: `["spam_slice:short", "spam_slice:base"]`. By default all that
   * have an indicator head among the outputs.
   */
  slices: readonly string[] | null;
}

const where = "SliceCombinerModule";

/**
 * Weighs the representations of slices: the more a data point seems to be in a slice, and the surer the slice's
 * predictor is, the more its representation counts. With a softmax over the slices,
 *
 *     weights = softmax(P(inside) * confidence / temperature)
 *     output = sum over slices of weight * representation
 *
 * It takes the outputs of operations by name; for each slice these are the logits of the indicator head, [rows, 2],
 * those of the predictor head, [rows, classes], and the representation, [rows, features]. It gives [rows, features].
 *
 * @see snorkel.slicing.SliceCombinerModule
 */
export class SliceCombinerModule extends nn.Module {
  readonly sliceIndKey: string;
  readonly slicePredKey: string;
  readonly slicePredFeatKey: string;
  readonly temperature: number;
  readonly confidence: Confidence | null;
  readonly slices: readonly string[] | null;

  constructor(options: Partial<SliceCombinerOptions> = {}) {
    super();
    const given = mergeOptions(where, defaults, options);
    this.sliceIndKey = readKey("sliceIndKey", given.sliceIndKey);
    this.slicePredKey = readKey("slicePredKey", given.slicePredKey);
    this.slicePredFeatKey = readKey("slicePredFeatKey", given.slicePredFeatKey);
    this.temperature = number(where, "temperature", given.temperature, { above: 0 });
    this.confidence =
      given.confidence === null
        ? null
        : oneOf(where, "confidence", given.confidence, ["positive", "highest"] as const);
    this.slices = readSlices(given.slices);
  }

  override forward(outputs: Outputs): Tensor {
    const { sliceIndKey, slicePredKey, slicePredFeatKey } = this;
    const slices = inOrder(this.slices ?? slicesAmong(outputs, sliceIndKey), slicePredFeatKey);
    const outputsOf = (key: string) => slices.map((slice) => readOutput(outputs, slice + key));
    const inside = outputsOf(sliceIndKey).map((logits) => positive(logits));
    const confidences = outputsOf(slicePredKey).map((logits) => confidenceOf(logits, this.confidence));
    const representations = stack(outputsOf(slicePredFeatKey), 1);
    const scores = cat(inside, -1).mul(cat(confidences, -1)).div(this.temperature);
    const weights = softmax(scores, { dim: 1 })
      .unsqueeze(-1)
      .expand([-1, -1, representations.size(-1)]);
    return weights.mul(representations).sum(1);
  }
}

const defaults: SliceCombinerOptions = {
  sliceIndKey: "_ind_head",
  slicePredKey: "_pred_head",
  slicePredFeatKey: "_pred_transform",
  temperature: 1,
  confidence: null,
  slices: null,
};

function readKey(name: string, key: unknown): string {
  if (typeof key === "string" && key !== "") return key;
  throw expected(where, "the end of an operation's name", name, key);
}

function readSlices(slices: unknown): readonly string[] | null {
  const isList =
    Array.isArray(slices) && slices.length > 0 && slices.every((name) => typeof name === "string");
  if (slices !== null && !isList) throw expected(where, "an array of at least one name", "slices", slices);
  return isList ? [...slices] : null;
}

function slicesAmong(outputs: Outputs, key: string): string[] {
  const names = Object.keys(outputs).filter((name) => name.endsWith(key));
  if (names.length === 0)
    throw expected(where, `the output of an operation that ends in "${key}"`, "outputs", outputs);
  return names.map((name) => name.slice(0, name.length - key.length));
}

/** In the order in which Snorkel adds up the representations: the last bits depend on it. */
function inOrder(slices: readonly string[], key: string): string[] {
  return slices.toSorted((a, b) => (a + key < b + key ? -1 : 1));
}

function readOutput(outputs: Outputs, name: string): Tensor {
  const output = Object.hasOwn(outputs, name) ? outputs[name] : undefined;
  if (output instanceof Tensor && output.shape.length === 2) return output;
  const got = output instanceof Tensor ? output.shape : output;
  throw expected(where, "a tensor [rows, columns]", `the output of operation "${name}"`, got);
}

/** The probability of the second of two classes, [rows, 1]. */
function positive(logits: Tensor): Tensor {
  if (logits.size(1) !== 2)
    throw expected(where, "logits of two classes, [rows, 2],", "a head", logits.shape);
  return softmax(logits, { dim: 1 }).select(1, 1).unsqueeze(1);
}

/** [rows, 1] */
function confidenceOf(logits: Tensor, confidence: Confidence | null): Tensor {
  const classes = logits.size(1);
  if (classes < 2) throw expected(where, "logits of at least two classes", "a predictor head", logits.shape);
  if ((confidence ?? (classes === 2 ? "positive" : "highest")) === "positive") return positive(logits);
  return softmax(logits, { dim: 1 }).amax(1, { keepdim: true });
}
