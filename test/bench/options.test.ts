import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { readOptions, subjectsFor } from "../../bench/options.ts";
import { subjectNames } from "../../bench/subjects.ts";
import { oneStep, workloadNames } from "../../bench/workloads.ts";

describe("the options of the benchmark", () => {
  it("are everything on the CPU by default", () => {
    const { workloads, subjects, rounds, extras, place } = readOptions([]);
    assert.deepEqual(
      workloads.map(({ name }) => name),
      workloadNames,
    );
    assert.deepEqual(subjects, subjectNames);
    assert.equal(rounds, 5);
    assert.equal(extras, false);
    assert.equal(place.device, "cpu");
  });

  it("choose workloads and subjects, also out of the series", () => {
    const { workloads, subjects } = readOptions(["--workload", "tiny,tasks-3", "--subject", "floor, eager"]);
    assert.deepEqual(
      workloads.map(({ name }) => name),
      ["tiny", "tasks-3"],
    );
    assert.equal(Object.keys(workloads[1]?.tasks ?? {}).length, 3);
    assert.deepEqual(subjects, ["floor", "eager"]);
  });

  it("add the series with --extras, and take less of everything with --quick", () => {
    const full = readOptions(["--extras"]);
    const quick = readOptions(["--extras", "--quick"]);
    assert.ok(full.workloads.some(({ name }) => name === "examples-10000000"));
    assert.ok(quick.workloads.length < full.workloads.length);
    assert.ok(quick.workloads.length > workloadNames.length);
    assert.ok(quick.rounds < full.rounds);
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

describe("subjectsFor", () => {
  it("leaves out what cannot train a workload, or not on that device", () => {
    const mnist = readOptions(["--workload", "mnist"]).workloads[0] ?? oneStep;
    const onCpu = subjectsFor(mnist, subjectNames, "cpu");
    assert.deepEqual(onCpu, ["recorded", "eager", "snorkel", "pytorch", "libtorch"]);
    assert.ok(subjectsFor(mnist, subjectNames, "cuda").includes("pytorch-compiled"));
  });

  it("leaves Snorkel out where a round would take minutes", () => {
    const { workloads } = readOptions(["--workload", "examples-100000,examples-1000000"]);
    assert.deepEqual(
      workloads.map((workload) => subjectsFor(workload, ["snorkel"], "cpu").length),
      [1, 0],
    );
  });
});
