import { it } from "node:test";
import { assertSurvives } from "./run-hostile.ts";

for (let run = 1; run <= 10; run++) {
  it(`every native function answers hostile values with a result or an Error, run ${run}`, (t) => {
    const { functions, results, errors } = assertSurvives(run * 1000, 300);
    t.diagnostic(`${functions} functions, ${results} results, ${errors} errors`);
  });
}
