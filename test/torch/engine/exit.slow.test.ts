import { describe, it } from "node:test";
import { endings, expectEnd } from "./run-endless.ts";

describe("A process ends while its threads train, again and again", { concurrency: 2 }, () => {
  for (const [place, ending, code] of endings) {
    it(`in ${place}, by ${ending}`, async () => {
      for (let i = 0; i < 12; i++) await expectEnd(place, ending, code);
    });
  }
});
