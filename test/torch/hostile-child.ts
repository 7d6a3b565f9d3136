// Calls operators with hostile arguments: `hostile-child.ts LOG FIRST LAST CASES [FIRST_CASE]`. Writes to LOG what it is about to
// call, so that the last line there names the call that ended the process.
import { closeSync, openSync, writeSync } from "node:fs";
import * as functions from "../../lib/torch/generated/functions.ts";
import * as nn from "../../lib/torch/generated/nn.ts";
import { methodSchemas, selfPositions } from "../../lib/torch/generated/tensor-methods.ts";
import * as torch from "../../lib/torch/index.ts";
import { native } from "../../lib/torch/native.ts";
import { operator } from "../../lib/torch/operators.ts";
import { Tensor } from "../../lib/torch/tensor.ts";
import { readSchema, type Schema } from "../../scripts/operators/schema.ts";
import type { Draw } from "../draw.ts";
import { argumentsOf, describeArguments, drawFor } from "./hostile-arguments.ts";
import { internalOperators, moduleSubjects } from "./hostile-modules.ts";

/** Something to call. */
interface Subject {
  name: string;
  draw(draw: Draw): unknown[];
  call(values: unknown[]): unknown;
}

const known = new Map(
  native.operatorSchemas().map((text) => {
    const name = text.slice(0, text.indexOf("("));
    return [name, text];
  }),
);

function schemasOf(names: readonly string[]): Schema[] {
  return names.flatMap((name) => {
    const text = known.get(name);
    return text === undefined ? [] : [readSchema({ func: text.replace("aten::", "") })];
  });
}

function drawBy(names: readonly string[]): Subject["draw"] {
  const schemas = schemasOf(names);
  return (draw) => argumentsOf(schemas, draw);
}

/** Every generated function and method, what nn calls besides, and every module, in a fixed order. */
function subjects(): Subject[] {
  const asked = new Map<string, readonly string[]>();
  const original = native.operator;
  native.operator = (name, schemas) => {
    asked.set(name, schemas);
    return original(name, schemas);
  };
  const list: Subject[] = [];
  const spaces = {
    "": functions,
    "linalg.": torch.linalg,
    "fft.": torch.fft,
    "special.": torch.special,
    "nn.functional.": nn,
  };
  for (const [prefix, space] of Object.entries(spaces)) {
    for (const [name, value] of Object.entries(space)) {
      if (typeof value !== "function") continue;
      const call = value as (...values: unknown[]) => unknown;
      try {
        call(
          undefined,
          undefined,
          undefined,
          undefined,
          undefined,
          undefined,
          undefined,
          undefined,
          undefined,
          undefined,
        );
      } catch {
        // Only the look-up matters.
      }
      const schemas = asked.get(prefix + name);
      if (schemas)
        list.push({
          name: `torch.${prefix}${name}`,
          draw: drawBy(schemas),
          call: (values) => call(...values),
        });
    }
  }
  for (const [name, names] of Object.entries(methodSchemas)) {
    const method = (Tensor.prototype as unknown as Record<string, (...values: unknown[]) => unknown>)[name];
    const position = selfPositions[name] ?? 0;
    const call = (values: unknown[]) => method?.apply(values[position], values.toSpliced(position, 1));
    list.push({ name: `Tensor.${name}`, draw: drawBy(names), call });
  }
  for (const schema of internalOperators) {
    const call = operator(schema, [schema]);
    list.push({ name: schema, draw: drawBy([schema]), call: (values) => call(...values) });
  }
  return [...list, ...moduleSubjects()];
}

/** Reads a result, and goes back through the graph that made it: what is wrong inside may only show then. */
function useResult(result: unknown): void {
  for (const value of [result].flat()) {
    if (!(value instanceof Tensor) || value.device !== "cpu") continue;
    if (value.shape.reduce((product, size) => product * size, 1) > 1e6) continue;
    const target = value.requiresGrad ? value.sum() : null;
    if (target !== null) target.backward();
    else value.toTypedArray();
  }
}

const [log = "", first = "0", last = "Infinity", cases = "1", firstCase = "0"] = process.argv.slice(2);
const file = openSync(log, "a");
const all = subjects();
native.setNumThreads(1);
writeSync(file, `subjects ${all.length}\n`);
let results = 0;
let errors = 0;
for (let s = Number(first); s < Math.min(Number(last), all.length); s++) {
  const { name, draw, call } = all[s] as Subject;
  for (let c = s === Number(first) ? Number(firstCase) : 0; c < Number(cases); c++) {
    torch.manualSeed(c);
    torch.scope(() => {
      const values = draw(drawFor(`${name}/${c}`));
      writeSync(file, `call ${s} ${c} ${name}(${describeArguments(values)})\n`);
      try {
        const result = call(values);
        results++;
        useResult(result);
      } catch (error) {
        if (!(error instanceof Error)) throw error;
        errors++;
      }
    });
  }
  // Finalizers run between turns only.
  await new Promise((resolve) => setImmediate(resolve));
}
writeSync(file, `done ${results} ${errors}\n`);
closeSync(file);
