import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { readOptions } from "../../bench/options.ts";
import { workloadNames } from "../../bench/workloads.ts";

/** The subjects of each workload. */
function planOf(...given: string[]): Record<string, string[]> {
  return Object.fromEntries(
    readOptions(given).plan.map(({ workload, subjects }) => [workload.name, subjects]),
  );
}

describe("the options of the benchmark", () => {
  it("are everything on the CPU by default", () => {
    const { rounds, extras, place } = readOptions([]);
    assert.deepEqual(Object.keys(planOf()), workloadNames);
    assert.equal(rounds, 5);
    assert.equal(extras, false);
    assert.equal(place.device, "cpu");
  });

  it("choose workloads and subjects, also out of the series", () => {
    const chosen = ["floor", "eager"];
    const plan = planOf("--workload", "tiny,tasks-3", "--subject", "floor, eager");
    assert.deepEqual(plan, { tiny: chosen, "tasks-3": chosen });
    const [series] = readOptions(["--workload", "tasks-3"]).plan;
    assert.equal(Object.keys(series?.workload.tasks ?? {}).length, 3);
  });

  it("add the series with --extras, and take less of everything with --quick", () => {
    const full = readOptions(["--extras"]);
    const quick = readOptions(["--extras", "--quick"]);
    assert.ok(full.plan.some(({ workload }) => workload.name === "examples-10000000"));
    assert.ok(quick.plan.length < full.plan.length);
    assert.ok(quick.plan.length > workloadNames.length);
    assert.ok(quick.rounds < full.rounds);
  });

  it("leave out the subjects that cannot train a workload, or not on that device", () => {
    const onCpu = ["recorded", "eager", "snorkel", "pytorch", "libtorch"];
    assert.deepEqual(planOf("--workload", "mnist"), { mnist: onCpu });
    assert.ok(planOf("--workload", "mnist", "--device", "cuda").mnist?.includes("pytorch-compiled"));
  });

  it("leave Snorkel out where a round would take minutes", () => {
    const plan = planOf("--workload", "examples-100000,examples-1000000", "--subject", "snorkel");
    assert.deepEqual(plan, { "examples-100000": ["snorkel"], "examples-1000000": [] });
  });

  const refused = [
    ["--workload", "medium"],
    ["--workload", "tasks-0"],
    ["--workload", "constructor"],
    ["--subject", "python"],
    ["--device", "tpu"],
    ["--rounds", "0"],
    ["--rounds", "many"],
    ["--speed"],
  ];
  for (const given of refused) {
    it(`refuse ${given.join(" ")}`, () => {
      assert.throws(() => readOptions(given), /\[bench\] expected a |Unknown option '--speed'/);
    });
  }
});
