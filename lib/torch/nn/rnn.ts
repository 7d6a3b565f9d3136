import { expected } from "../../errors.ts";
import { formatFloat } from "../../format-float.ts";
import { boolean, mergeOptions, number, oneOf } from "../../options.ts";
import { zeros } from "../generated/functions.ts";
import type { NativeOperator } from "../native-api.ts";
import { operator } from "../operators.ts";
import { Tensor } from "../tensor.ts";
import { type FactoryOptions, factoryDefaults, readFactory } from "./factory.ts";
import type { Parameter } from "./parameter.ts";
import { Recurrent } from "./recurrent.ts";
import { size } from "./sizes.ts";
import { PackedSequence } from "./utils/packed-sequence.ts";

export interface RecurrentOptions extends FactoryOptions {
  /** How many layers lie on top of each other, at most 1000; 1 by default. */
  numLayers?: number;
  /** Whether the gates have learned biases; true by default. */
  bias?: boolean;
  /** Whether input and output are [batch, steps, ...] instead of [steps, batch, ...]; false by default. */
  batchFirst?: boolean;
  /** The probability of a zero between layers in training; 0 by default. */
  dropout?: number;
  /** Whether a second network goes through the steps backward; false by default. */
  bidirectional?: boolean;
}

const defaults = {
  ...factoryDefaults,
  numLayers: 1,
  bias: true,
  batchFirst: false,
  dropout: 0,
  bidirectional: false,
};

/** What comes out for what goes in. */
export type Sequences<Input> = Input extends PackedSequence ? PackedSequence : Tensor;

/** A kind of network: its operator in both forms, and how many gates and states it has. */
interface Kind {
  name: string;
  operator: string;
  gates: number;
}

abstract class RNNBase extends Recurrent {
  readonly inputSize: number;
  readonly hiddenSize: number;
  readonly projSize: number;
  readonly options: Readonly<typeof defaults>;
  private readonly where: string;
  private readonly padded: NativeOperator;
  private readonly packed: NativeOperator;

  [weight: `weight${"Ih" | "Hh" | "Hr"}L${number}${"" | "Reverse"}`]: Parameter;
  [bias: `bias${"Ih" | "Hh"}L${number}${"" | "Reverse"}`]: Parameter;

  constructor(kind: Kind, inputSize: number, hiddenSize: number, projSize: number, given: typeof defaults) {
    super();
    this.where = `nn.${kind.name}`;
    const where = this.where;
    this.inputSize = size(where, "inputSize", inputSize);
    this.hiddenSize = size(where, "hiddenSize", hiddenSize);
    this.projSize = number(where, "projSize", projSize, { min: 0, max: hiddenSize - 1, integer: true });
    const numLayers = number(where, "numLayers", given.numLayers, { min: 1, max: 1000, integer: true });
    number(where, "dropout", given.dropout, { min: 0, max: 1 });
    for (const name of ["bias", "batchFirst", "bidirectional"] as const) boolean(where, name, given[name]);
    if (given.dropout > 0 && numLayers === 1)
      process.emitWarning(`[${where}] dropout lies between layers: with one layer there is none`);
    this.options = given;
    this.makeWeights(this.shapes(kind.gates), hiddenSize, readFactory(where, given));
    this.padded = operator(where, [`aten::${kind.operator}.input`]);
    this.packed = operator(where, [`aten::${kind.operator}.data`]);
  }

  private shapes(gates: number): Map<string, number[]> {
    const { inputSize, hiddenSize, projSize } = this;
    const { numLayers, bias, bidirectional } = this.options;
    const outputSize = projSize || hiddenSize;
    const shapes = new Map<string, number[]>();
    for (let layer = 0; layer < numLayers; layer++) {
      for (const direction of bidirectional ? ["", "_reverse"] : [""]) {
        const suffix = `_l${layer}${direction}`;
        const layerInput = layer === 0 ? inputSize : outputSize * (bidirectional ? 2 : 1);
        shapes.set(`weight_ih${suffix}`, [gates * hiddenSize, layerInput]);
        shapes.set(`weight_hh${suffix}`, [gates * hiddenSize, outputSize]);
        if (bias) shapes.set(`bias_ih${suffix}`, [gates * hiddenSize]);
        if (bias) shapes.set(`bias_hh${suffix}`, [gates * hiddenSize]);
        if (projSize > 0) shapes.set(`weight_hr${suffix}`, [projSize, hiddenSize]);
      }
    }
    return shapes;
  }

  /**
   * Runs the network.
   *
   * @param sizes - of each state
   * @param given - the states to start from; null for zeros
   * @param pass - runs the network from the states: the output, and the states it ends in
   */
  protected compute<Input extends Tensor | PackedSequence>(
    input: Input,
    sizes: readonly number[],
    given: readonly Tensor[] | null,
    pass: (states: Tensor[]) => Tensor | Tensor[],
  ): [output: Sequences<Input>, ...states: Tensor[]] {
    if (given !== null && (given.length !== sizes.length || !given.every((state) => state instanceof Tensor)))
      throw expected(this.where, `${sizes.length === 1 ? "a Tensor" : "two tensors"}, or null`, "hx", given);
    if (input instanceof PackedSequence)
      return this.computePacked(input, sizes, given, pass) as [Sequences<Input>, ...Tensor[]];
    if (input instanceof Tensor)
      return this.computePadded(input, sizes, given, pass) as [Sequences<Input>, ...Tensor[]];
    throw expected(this.where, "a Tensor or a PackedSequence", "input", input);
  }

  private computePadded(
    input: Tensor,
    sizes: readonly number[],
    given: readonly Tensor[] | null,
    pass: (states: Tensor[]) => Tensor | Tensor[],
  ): Tensor[] {
    const { batchFirst } = this.options;
    const rank = input.shape.length;
    if (rank !== 2 && rank !== 3) throw expected(this.where, "2 or 3 dimensions", "input", input.shape);
    for (const state of given ?? [])
      if (state.shape.length !== rank)
        throw expected(this.where, `${rank} dimensions, as the input has`, "hx", state.shape);
    const batchDim = batchFirst ? 0 : 1;
    const isBatched = rank === 3;
    const batch = isBatched ? input : input.unsqueeze(batchDim);
    const batched = isBatched ? given : (given?.map((state) => state.unsqueeze(1)) ?? null);
    const states = this.states(batch, batch.shape[batchDim] as number, sizes, batched);
    const [output, ...last] = this.padded(
      batch,
      pass(states),
      this.weights(),
      ...this.settings(),
      batchFirst,
    ) as [Tensor, ...Tensor[]];
    if (isBatched) return [output, ...last];
    return [output.squeeze(batchDim), ...last.map((state) => state.squeeze(1))];
  }

  private computePacked(
    input: PackedSequence,
    sizes: readonly number[],
    given: readonly Tensor[] | null,
    pass: (states: Tensor[]) => Tensor | Tensor[],
  ): [PackedSequence, ...Tensor[]] {
    const { data, batchSizes, sortedIndices, unsortedIndices } = input;
    const order = (states: readonly Tensor[], indices: Tensor | null) =>
      indices === null ? [...states] : states.map((state) => state.indexSelect(1, indices));
    if (batchSizes.numel() === 0)
      throw expected(this.where, "at least one step", "batchSizes", batchSizes.shape);
    const sequences = Number(batchSizes.reshape([-1]).select(0, 0).item());
    const states = this.states(data, sequences, sizes, given && order(given, sortedIndices));
    const [output, ...last] = this.packed(
      data,
      batchSizes,
      pass(states),
      this.weights(),
      ...this.settings(),
    ) as [Tensor, ...Tensor[]];
    const packed = new PackedSequence(output, batchSizes, { sortedIndices, unsortedIndices });
    return [packed, ...order(last, unsortedIndices)];
  }

  private settings(): unknown[] {
    const { bias, numLayers, dropout, bidirectional } = this.options;
    return [bias, numLayers, dropout, this.training, bidirectional];
  }

  /** The states to start from, of the sizes that the input asks for. */
  private states(
    input: Tensor,
    sequences: number,
    sizes: readonly number[],
    given: readonly Tensor[] | null,
  ): Tensor[] {
    const width = input.shape.at(-1);
    if (width !== this.inputSize)
      throw expected(this.where, `a last dimension of inputSize (${this.inputSize})`, "input", input.shape);
    const directions = this.options.numLayers * (this.options.bidirectional ? 2 : 1);
    const shapes = sizes.map((extent) => [directions, sequences, extent]);
    const { dtype, device } = input;
    if (given === null) return shapes.map((shape) => zeros(shape, { dtype, device }));
    for (const [i, state] of given.entries()) {
      if (String(state.shape) !== String(shapes[i]))
        throw expected(this.where, `a tensor of size [${shapes[i]?.join(", ")}]`, "hx", state.shape);
    }
    return [...given];
  }

  override extraRepr(): string {
    const { numLayers, bias, batchFirst, dropout, bidirectional } = this.options;
    return [
      `${this.inputSize}, ${this.hiddenSize}`,
      this.projSize === 0 ? [] : `proj_size=${this.projSize}`,
      numLayers === 1 ? [] : `num_layers=${numLayers}`,
      bias ? [] : "bias=False",
      batchFirst ? "batch_first=True" : [],
      dropout === 0 ? [] : `dropout=${formatFloat(dropout)}`,
      bidirectional ? "bidirectional=True" : [],
    ]
      .flat()
      .join(", ");
  }
}

/** A network of one state. */
abstract class SingleState extends RNNBase {
  /**
   * @param input - [steps, batch, inputSize], without the batch, or packed
   * @param hx - the state to start from, [layers * directions, batch, hiddenSize]; zeros by default
   * @returns the last layer's states of all steps, [steps, batch, directions * hiddenSize], and all layers' last states
   */
  override forward<Input extends Tensor | PackedSequence>(
    input: Input,
    hx: Tensor | null = null,
  ): [output: Sequences<Input>, hidden: Tensor] {
    const given = hx === null ? null : [hx];
    return this.compute(input, [this.hiddenSize], given, ([state]) => state as Tensor) as [
      Sequences<Input>,
      Tensor,
    ];
  }
}

export interface RNNOptions extends RecurrentOptions {
  /** What the sum of input and state goes through; "tanh" by default. */
  nonlinearity?: "tanh" | "relu";
}

/**
 * A recurrent network, `tanh(x W_ih^T + b_ih + h W_hh^T + b_hh)` at each step.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.RNN.html
 */
export class RNN extends SingleState {
  readonly nonlinearity: "tanh" | "relu";

  constructor(inputSize: number, hiddenSize: number, given?: RNNOptions) {
    const all = { ...defaults, nonlinearity: "tanh" as "tanh" | "relu" };
    const { nonlinearity, ...options } = mergeOptions<typeof all>("nn.RNN", all, given);
    oneOf("nn.RNN", "nonlinearity", nonlinearity, ["tanh", "relu"]);
    super({ name: "RNN", operator: `rnn_${nonlinearity}`, gates: 1 }, inputSize, hiddenSize, 0, options);
    this.nonlinearity = nonlinearity;
  }
}

/**
 * Gated recurrent units.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.GRU.html
 */
export class GRU extends SingleState {
  constructor(inputSize: number, hiddenSize: number, given?: RecurrentOptions) {
    const options = mergeOptions<typeof defaults>("nn.GRU", defaults, given);
    super({ name: "GRU", operator: "gru", gates: 3 }, inputSize, hiddenSize, 0, options);
  }
}

export interface LSTMOptions extends RecurrentOptions {
  /** The size to which the hidden state is projected, less than hiddenSize; 0, none, by default. */
  projSize?: number;
}

/**
 * Long short-term memory.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.LSTM.html
 */
export class LSTM extends RNNBase {
  constructor(inputSize: number, hiddenSize: number, given?: LSTMOptions) {
    const all = { ...defaults, projSize: 0 };
    const { projSize, ...options } = mergeOptions<typeof all>("nn.LSTM", all, given);
    super({ name: "LSTM", operator: "lstm", gates: 4 }, inputSize, hiddenSize, projSize, options);
  }

  /**
   * @param input - [steps, batch, inputSize], without the batch, or packed
   * @param hx - hidden and cell state to start from, [layers * directions, batch, projSize or hiddenSize] and
   *   [layers * directions, batch, hiddenSize]; zeros by default
   * @returns the last layer's hidden states of all steps, and all layers' last hidden and cell states
   */
  override forward<Input extends Tensor | PackedSequence>(
    input: Input,
    hx: readonly [hidden: Tensor, cell: Tensor] | null = null,
  ): [output: Sequences<Input>, states: [hidden: Tensor, cell: Tensor]] {
    if (hx !== null && !Array.isArray(hx)) throw expected("nn.LSTM", "two tensors, or null", "hx", hx);
    const sizes = [this.projSize || this.hiddenSize, this.hiddenSize];
    const [output, ...states] = this.compute(input, sizes, hx, (both) => both);
    return [output, states as [Tensor, Tensor]];
  }
}
