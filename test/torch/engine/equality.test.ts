// Every module, loss and function that is compared with Python elsewhere, as a program beside itself.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { manualSeed, noGrad, setNumThreads } from "../../../lib/torch/index.ts";
import { type Goldens, nameOf, type Prepared, prepareCase } from "../../../scripts/parity/torch/cases.ts";
import {
  caseName,
  drawInputs,
  flattenOutput,
  type ModuleGolden,
  type ModuleGoldens,
  makeModule,
} from "../../../scripts/parity/torch/modules.ts";
import { differenceOfReplay, subjectOf } from "./replay.ts";

setNumThreads(1);

type Mode = "in training" | "in evaluation" | "without gradients";

const modes: Mode[] = ["in training", "in evaluation", "without gradients"];

/** The cases that are no programs, by name and mode, and why. */
const refusals: [names: RegExp, reason: string][] = [
  [/"packed".*/, "the values of a tensor are read"],
  [/^BatchNorm.*"momentum":null.* in training$/, "aten::_local_scalar_dense reads a value"],
  [/^MaxPool1d.* without gradients$/, "a result is computed by something that is no operator"],
  [/^LPPool1d\(null.* without gradients$/, "a result is computed by something that is no operator"],
  [/^(GaussianNLLLoss.*\{rand:|AdaptiveLogSoftmaxWithLoss)/, "the values of a tensor are read"],
  [/^CTCLoss.*\{tensor:/, "aten::ctc_loss.Tensor reads values"],
  [/^CTCLoss.*\{value:/, "aten::_ctc_loss has a result whose shape depends on values"],
  [/^oneHot/, "aten::_local_scalar_dense reads a value"],
  [/^unique.*dim:/, "aten::unique_dim has a result whose shape depends on values"],
  [/^unique/, "aten::_unique2 has a result whose shape depends on values"],
];

function read<T>(topic: string): T {
  return JSON.parse(readFileSync(new URL(`../../goldens/${topic}.json`, import.meta.url), "utf8"));
}

function prepareModule({ case: [name, args, ...specs] }: ModuleGolden): Prepared {
  const module = makeModule(name, args);
  return {
    module,
    draw: () => specs.flatMap((spec) => drawInputs(spec).inputs),
    run: (inputs) => flattenOutput(module.forward(...inputs)),
  };
}

function differenceOf({ module, draw, run }: Prepared, mode: Mode): string {
  module?.train(mode === "in training");
  const subject = subjectOf(module, draw, run);
  if (mode !== "without gradients") return differenceOfReplay(subject);
  return differenceOfReplay({ ...subject, step: (inputs) => noGrad(() => run(inputs)) });
}

function compare(name: string, prepare: () => Prepared): void {
  for (const mode of modes) {
    const refusal = refusals.find(([names]) => names.test(`${name} ${mode}`));
    test(`${name}, ${mode}`, () => {
      manualSeed(5);
      assert.equal(
        differenceOf(prepare(), mode),
        refusal === undefined ? "nothing" : `refused: ${refusal[1]}`,
      );
    });
  }
}

describe("a program gives the bits of its module", () => {
  for (const golden of read<ModuleGoldens>("nn").cases)
    compare(caseName(golden), () => prepareModule(golden));
});

for (const topic of ["attention", "losses", "functional"]) {
  describe(`a program gives the bits of ${topic}`, () => {
    for (const golden of read<Goldens>(topic).cases) compare(nameOf(golden), () => prepareCase(golden));
  });
}
