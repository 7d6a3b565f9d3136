import { describe, it } from "node:test";
import { endings, expectEnd } from "./run-endless.ts";

describe("A process ends while its threads train", { concurrency: 2 }, () => {
  for (const [place, ending, code] of endings) {
    it(`in ${place}, by ${ending}`, () => expectEnd(place, ending, code));
  }
});
