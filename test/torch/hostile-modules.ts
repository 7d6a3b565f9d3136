// Modules as Python's goldens make and run them, with some of the arguments, inputs and weights made wrong, odd or extreme.
import { readFileSync } from "node:fs";
import { nn } from "../../lib/torch/index.ts";
import { Tensor } from "../../lib/torch/tensor.ts";
import {
  drawInputs,
  flattenOutput,
  type ModuleGolden,
  type ModuleGoldens,
  makeModule,
} from "../../scripts/parity/torch/modules.ts";
import { type Draw, pick } from "../draw.ts";
import { hostileTensor, wild } from "./hostile-arguments.ts";
import { extremeIntegers, floats, shapes, smallIntegers, texts } from "./hostile-values.ts";

const { PackedSequence } = nn.utils.rnn;

/** Operators that only handwritten code calls. */
export const internalOperators = [
  ..."lstm gru rnn_tanh rnn_relu".split(" ").flatMap((name) => [`aten::${name}.input`, `aten::${name}.data`]),
  "aten::_pack_padded_sequence",
  "aten::_pad_packed_sequence",
  ...[1, 2, 3].map((d) => `aten::_upsample_nearest_exact${d}d.vec`),
  ..."bilinear bicubic lanczos".split(" ").map((mode) => `aten::_upsample_${mode}2d_aa.vec`),
];

interface ModuleCall {
  args: unknown[];
  inputs: unknown[];
  /** Puts another weight in a module's place of one. */
  swap(module: nn.Module): void;
  training: boolean;
}

/** A call of each module that the goldens have. */
export function moduleSubjects() {
  const file = new URL("../goldens/nn.json", import.meta.url);
  const goldens: ModuleGoldens = JSON.parse(readFileSync(file, "utf8"));
  const byName = new Map<string, ModuleGolden[]>();
  for (const golden of goldens.cases) {
    const [name] = golden.case;
    byName.set(name, [...(byName.get(name) ?? []), golden]);
  }
  return [...byName].map(([name, cases]) => ({
    name: `nn.${name}`,
    draw: (draw: Draw) => drawCall(cases, draw),
    call: (values: unknown[]) => callModule(name, values),
  }));
}

function drawCall(cases: readonly ModuleGolden[], draw: Draw): unknown[] {
  const [, args, ...specs] = pick(draw, cases).case;
  const inputs = specs.flatMap((spec) => drawInputs(spec).inputs);
  // Few changes get further in, many meet each other.
  const chance = pick(draw, [0.02, 0.2]);
  const weight = draw() < 0.3 ? hostileTensor(pick(draw, shapes), draw) : null;
  const call: ModuleCall = {
    args: args.map((value) => change(value, draw, chance)),
    inputs: inputs.map((input) => (draw() < 0.5 ? input : changeInput(input, draw))),
    swap: (module) => swapWeight(module, weight, draw),
    training: draw() < 0.5,
  };
  return [call.args, call.inputs, weight, call.training, call];
}

function callModule(name: string, values: unknown[]): unknown {
  const { args, inputs, swap, training } = values.at(-1) as ModuleCall;
  const module = makeModule(name, args);
  swap(module);
  module.train(training);
  return flattenOutput(module.forward(...inputs));
}

/** A value in which some numbers, texts and switches are others. */
function change(value: unknown, draw: Draw, chance: number): unknown {
  if (Array.isArray(value)) return value.map((element) => change(element, draw, chance));
  if (typeof value === "object" && value !== null)
    return Object.fromEntries(
      Object.entries(value).map(([name, field]) => [name, change(field, draw, chance)]),
    );
  if (draw() >= chance) return value;
  if (draw() < 0.1) return wild(draw);
  if (typeof value === "string") return pick(draw, texts);
  return pick<unknown>(draw, [...smallIntegers, ...extremeIntegers.map(Number), ...floats]);
}

function changeInput(input: unknown, draw: Draw): unknown {
  if (draw() < 0.02) return wild(draw);
  if (Array.isArray(input)) return input.map((element) => changeInput(element, draw));
  if (input instanceof PackedSequence) return changePacked(input, draw);
  if (!(input instanceof Tensor)) return change(input, draw, 0.3);
  return hostileTensor(draw() < 0.6 ? input.shape : pick(draw, shapes), draw);
}

function changePacked(input: InstanceType<typeof PackedSequence>, draw: Draw): unknown {
  const { data, batchSizes, sortedIndices, unsortedIndices } = input;
  const sizes = batchSizes.clone();
  if (draw() < 0.5) sizes.select(0, 0).fill_(pick(draw, [...smallIntegers, ...extremeIntegers]));
  const tensors = [data, draw() < 0.5 ? sizes : batchSizes, sortedIndices, unsortedIndices].map((tensor) =>
    tensor !== null && draw() < 0.2
      ? hostileTensor(draw() < 0.5 ? tensor.shape : pick(draw, shapes), draw)
      : tensor,
  );
  const [newData, newSizes, sorted, unsorted] = tensors as [Tensor, Tensor, Tensor | null, Tensor | null];
  if (newSizes.isDisposed || newSizes.device !== "cpu") return newData;
  return new PackedSequence(newData, newSizes, { sortedIndices: sorted, unsortedIndices: unsorted });
}

function swapWeight(module: nn.Module, weight: Tensor | null, draw: Draw): void {
  const names = Object.keys(module).filter((name) => Reflect.get(module, name) instanceof nn.Parameter);
  if (weight === null || names.length === 0) return;
  const name = pick(draw, names);
  const shape = (Reflect.get(module, name) as Tensor).shape;
  const tensor = draw() < 0.5 ? weight : hostileTensor(shape, draw);
  Reflect.set(module, name, new nn.Parameter(tensor, { requiresGrad: tensor.dtype.startsWith("float") }));
}
