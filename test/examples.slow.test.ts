import { describe, it } from "node:test";
import { assertAtLeast, runExample } from "./run-example.ts";

describe("slow examples", () => {
  it("mnist.ts reads digits after one epoch", async (test) => {
    const { scores } = await runExample(test, "mnist.ts", "--epochs", "1");
    assertAtLeast(scores, "digit/mnist/test/accuracy", 0.975);
    assertAtLeast(scores, "odd/mnist/test/accuracy", 0.98);
    assertAtLeast(scores, "at_least_five/mnist/test/accuracy", 0.975);
  });
});
