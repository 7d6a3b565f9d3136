// Calls each exported native function with hostile values: `hostile-child.ts LOG FIRST_SEED CASES`. What it is about to call
// is written to LOG first, so that the last line there names the call that ended the process.
import { closeSync, openSync, writeSync } from "node:fs";
import { setImmediate } from "node:timers/promises";
import { native } from "../../lib/torch/native.ts";
import { scope } from "../../lib/torch/scope.ts";
import { Tensor } from "../../lib/torch/tensor.ts";
import { drawFrom } from "../draw.ts";
import { hostileArguments } from "./hostile-calls.ts";

const [log = "", firstSeed = "0", cases = "1"] = process.argv.slice(2);
const file = openSync(log, "w");
const functions = Object.entries(native) as [string, (...values: unknown[]) => unknown][];
let results = 0;
let errors = 0;

for (let seed = Number(firstSeed); seed < Number(firstSeed) + Number(cases); seed++) {
  for (const [position, [name, call]] of functions.entries()) {
    scope(() => {
      writeSync(file, `call ${name} ${seed}\n`);
      const draw = drawFrom(seed * 1000 + position);
      const values = hostileArguments(name, draw);
      try {
        const result = call(...values);
        results++;
        if (typeof result === "function") result(...values);
        // What a thread uses cannot be freed at the end of the scope.
        if (result instanceof Promise) native.trainingThreadDispose(values[0] as never);
        for (const one of [result].flat())
          if (one instanceof Tensor && one.device === "cpu") one.toTypedArray();
      } catch (error) {
        if (!(error instanceof Error)) throw error;
        errors++;
      }
    });
    // What a call may have left switched.
    native.setTensorClass(Tensor);
    native.setGradEnabled(true);
  }
  globalThis.gc?.();
  await setImmediate();
}
writeSync(file, `done ${functions.length} ${results} ${errors}\n`);
closeSync(file);
