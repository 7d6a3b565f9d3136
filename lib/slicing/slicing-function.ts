import { inspect } from "node:util";
import { expected } from "../errors.ts";
import { isPlainObject, mergeOptions } from "../options.ts";

/** Whether a data point is in a slice: 1 inside, 0 outside, -1 where the function abstains. */
export type SliceVote = 1 | 0 | -1;

/**
 * What a slicing function returns: `true` is 1, `false` is 0.
 * @inline
 */
type Answer = boolean | number;

/** Returns a data point with more in it, such as its parsed text, for the preprocessor or the function that comes next. */
export type Preprocessor<Row> = {
  // A method, because TypeScript lets a method's parameters be narrowed: a later one may ask for what an earlier one adds.
  prepare(x: Row): unknown;
}["prepare"];

/** What a {@link SlicingFunction} is made of. */
export interface SlicingFunctionOptions<Prepared, Row = Prepared, Resources = object> {
  /** The name of the slice. */
  name: string;
  /** Says whether a data point is in the slice: `true` or 1, `false` or 0, -1 to abstain. May be asynchronous. */
  f: (x: Prepared, resources: Resources) => Answer | Promise<Answer>;
  /** Given to `f` as its second argument; `{}` by default. */
  resources?: Resources;
  /** Run on a data point before `f`, each on what the one before returned; none by default. May be asynchronous. */
  pre?: readonly Preprocessor<Row>[];
}

const where = "SlicingFunction";

/**
 * Says of each data point whether it is in a slice.
 *
 *     const short = new SlicingFunction({ name: "short", f: (x: { text: string }) => x.text.length < 20 });
 *     await short.apply({ text: "Hi" });    // 1
 *
 * @typeParam Prepared - what the function takes
 * @typeParam Row - a data point, before the preprocessors
 * @see snorkel.slicing.SlicingFunction
 */
export class SlicingFunction<Prepared = unknown, in Row = Prepared, Resources = object> {
  readonly name: string;
  readonly #pre: readonly Preprocessor<Row>[];
  readonly #f: (x: never) => unknown;

  /** @throws TypeError for a name, a function, resources or preprocessors that are none, and for an unknown option. */
  constructor(options: SlicingFunctionOptions<Prepared, Row, Resources>) {
    const defaults = { name: undefined as unknown, f: undefined as unknown, resources: null, pre: [] };
    const { name, f, resources, pre } = mergeOptions<Record<keyof typeof defaults, unknown>>(
      where,
      defaults,
      options,
    );
    if (typeof name !== "string" || name === "")
      throw expected(where, "a name", "name", name, "A function without a name of its own needs one here");
    const here = `${where} ${name}`;
    if (typeof f !== "function") throw expected(here, "a function", "f", f);
    if (resources !== null && !isPlainObject(resources))
      throw expected(here, "a plain object", "resources", resources);
    if (!Array.isArray(pre) || !pre.every((prepare) => typeof prepare === "function"))
      throw expected(here, "an array of functions", "pre", pre);
    this.name = name;
    this.#pre = [...pre];
    this.#f = (x) => f(x, resources ?? {});
  }

  /**
   * Runs the preprocessors, then the function.
   * @throws what they throw, and TypeError for a preprocessor that returns nothing or an answer that says nothing.
   */
  async apply(x: Row): Promise<SliceVote> {
    let prepared: unknown = x;
    for (const prepare of this.#pre) {
      prepared = await prepare(prepared as Row);
      if (prepared === undefined || prepared === null)
        throw expected(`${where} ${this.name}`, "a data point", "what a preprocessor returns", prepared);
    }
    const answer = await this.#f(prepared as never);
    if (typeof answer === "boolean") return answer ? 1 : 0;
    if (answer === 1 || answer === 0 || answer === -1) return answer;
    const what = "true or 1 (inside), false or 0 (outside) or -1 (abstain)";
    throw expected(`${where} ${this.name}`, what, "what f returns", answer);
  }

  /** Prints as in Python: `SlicingFunction short, Preprocessors: []`. */
  toString(): string {
    const names = this.#pre.map(({ name }) => name || "(anonymous)");
    return `${this.constructor.name} ${this.name}, Preprocessors: [${names.join(", ")}]`;
  }

  [inspect.custom](): string {
    return this.toString();
  }
}

/**
 * A {@link SlicingFunction} that is called like the function it is made of: Snorkel's decorator.
 *
 *     const short = slicingFunction(function short(x: { text: string }) {
 *       return x.text.length < 20;
 *     });
 *     const long = slicingFunction((x: { text: string }) => x.text.length > 200, { name: "long" });
 *
 * @param options.name - by default the function's
 * @see snorkel.slicing.slicing_function
 */
export function slicingFunction<Prepared, Row = Prepared, Resources = object>(
  f: (x: Prepared, resources: Resources) => Answer | Promise<Answer>,
  options: Partial<Omit<SlicingFunctionOptions<Prepared, Row, Resources>, "f">> = {},
): SlicingFunction<Prepared, Row, Resources> {
  if (typeof f !== "function") throw expected("slicingFunction", "a function", "f", f);
  return new SlicingFunction({ ...options, name: options.name ?? f.name, f });
}
