import { inspect } from "node:util";
import { expected, messageOf } from "../errors.ts";
import { EventLoop } from "../event-loop.ts";
import { boolean, mergeOptions } from "../options.ts";
import { countPoints, type DataPoints } from "./data-points.ts";
import { createProgress } from "./progress.ts";
import { type SliceVote, SlicingFunction } from "./slicing-function.ts";

/** Which data points are in which slice: a column for each slicing function, with 1, 0 or -1 for each data point. */
export type SliceColumns = Record<string, Int8Array>;

/** What is known of a run of slicing functions besides what they said. */
export interface ApplierMetadata {
  /** How often each function failed, by name. */
  faults: Record<string, number>;
}

/** Options of {@link SFApplier.apply}. */
export interface ApplyOptions {
  /** Show a progress bar, where standard error is a terminal; true by default. */
  progressBar?: boolean;
  /** Take a function that fails on a data point to abstain there (-1); false by default: the run fails. */
  faultTolerant?: boolean;
  /** Give the fault counts too; false by default. */
  returnMeta?: boolean;
}

/**
 * Applies slicing functions to data points.
 *
 *     const S = await new SFApplier([short, hasLink]).apply(rows);    // { short: Int8Array [...], ... }
 *
 * @see snorkel.slicing.SFApplier
 */
export class SFApplier<Row = unknown> {
  readonly #functions: readonly SlicingFunction<never, Row>[];

  /** @throws TypeError for something that is no SlicingFunction, and for two of one name. */
  constructor(functions: readonly SlicingFunction<never, Row, never>[]) {
    if (!Array.isArray(functions))
      throw expected("SFApplier", "an array of slicing functions", "functions", functions);
    const names = new Set<string>();
    for (const one of functions) {
      if (!(one instanceof SlicingFunction))
        throw expected("SFApplier", "SlicingFunctions", "functions", one, "Make one with slicingFunction(f)");
      if (names.has(one.name)) {
        const remedy = "Operator names not unique: give one another name";
        throw expected("SFApplier", "slicing functions of distinct names", "functions", one.name, remedy);
      }
      names.add(one.name);
    }
    this.#functions = [...functions];
  }

  /**
   * What each function says of each data point. The data points are taken one after the other, and so are the
   * functions; the event loop goes on meanwhile.
   *
   * @returns a column per function, or, with `returnMeta`, that and the fault counts: `[S, { faults }]`
   * @throws Error for a function that fails, with the data point's position, and what it threw as the cause.
   */
  apply(points: DataPoints<Row>, options?: ApplyOptions & { returnMeta?: false }): Promise<SliceColumns>;
  apply(
    points: DataPoints<Row>,
    options: ApplyOptions & { returnMeta: true },
  ): Promise<[S: SliceColumns, meta: ApplierMetadata]>;
  async apply(
    points: DataPoints<Row>,
    options: ApplyOptions = {},
  ): Promise<SliceColumns | [S: SliceColumns, meta: ApplierMetadata]> {
    const { progressBar, faultTolerant, returnMeta } = readOptions(options);
    const columns = this.#functions.map((): SliceVote[] => []);
    const faults = this.#functions.map(() => 0);
    const progress = createProgress(progressBar, countPoints(where, points));
    const eventLoop = new EventLoop();
    let position = 0;
    try {
      for await (const point of points) {
        for (const [i, one] of this.#functions.entries()) {
          try {
            columns[i]?.push(await one.apply(point));
          } catch (error) {
            if (!faultTolerant) throw failure(one.name, position, error);
            columns[i]?.push(-1);
            faults[i] = (faults[i] ?? 0) + 1;
          }
        }
        position += 1;
        progress.update(position);
        await eventLoop.breathe();
      }
    } finally {
      progress.stop();
    }
    const S = this.#byName(columns.map((column) => Int8Array.from(column)));
    return returnMeta ? [S, { faults: this.#byName(faults) }] : S;
  }

  #byName<T>(values: readonly T[]): Record<string, T> {
    return Object.fromEntries(this.#functions.map(({ name }, i) => [name, values[i] as T]));
  }

  toString(): string {
    return `${this.constructor.name}, SFs: [${this.#functions.map(({ name }) => name).join(", ")}]`;
  }

  [inspect.custom](): string {
    return this.toString();
  }
}

const where = "SFApplier.apply";

function readOptions(given: ApplyOptions): Required<ApplyOptions> {
  const defaults = { progressBar: true, faultTolerant: false, returnMeta: false };
  const options = mergeOptions<Required<ApplyOptions>>(where, defaults, given);
  for (const name of Object.keys(defaults) as (keyof ApplyOptions)[]) boolean(where, name, options[name]);
  return options;
}

function failure(name: string, position: number, error: unknown): Error {
  const reason = messageOf(error);
  const remedy = "With `faultTolerant: true` it would abstain there";
  return new Error(
    `[${where}] slicing function "${name}" failed at data point ${position}: ${reason}. ${remedy}`,
    {
      cause: error,
    },
  );
}
