import { expected } from "../../errors.ts";
import { boolean, mergeOptions, oneOf } from "../../options.ts";
import { zeros } from "../generated/functions.ts";
import { operator } from "../operators.ts";
import type { Tensor } from "../tensor.ts";
import { type FactoryOptions, factoryDefaults, readFactory } from "./factory.ts";
import type { Parameter } from "./parameter.ts";
import { Recurrent } from "./recurrent.ts";
import { size } from "./sizes.ts";

export interface CellOptions extends FactoryOptions {
  /** Whether the gates have learned biases; true by default. */
  bias?: boolean;
}

const defaults = { ...factoryDefaults, bias: true };

abstract class RNNCellBase extends Recurrent {
  readonly inputSize: number;
  readonly hiddenSize: number;
  /** [gates * hiddenSize, inputSize] */
  declare weightIh: Parameter;
  /** [gates * hiddenSize, hiddenSize] */
  declare weightHh: Parameter;
  /** [gates * hiddenSize] */
  declare biasIh: Parameter | null;
  /** [gates * hiddenSize] */
  declare biasHh: Parameter | null;
  private readonly where: string;

  constructor(where: string, gates: number, inputSize: number, hiddenSize: number, options: typeof defaults) {
    super();
    this.where = where;
    this.inputSize = size(where, "inputSize", inputSize);
    this.hiddenSize = size(where, "hiddenSize", hiddenSize);
    const rows = gates * hiddenSize;
    const shapes: [string, number[]][] = [
      ["weight_ih", [rows, inputSize]],
      ["weight_hh", [rows, hiddenSize]],
    ];
    const hasBiases = boolean(where, "bias", options.bias);
    if (hasBiases) shapes.push(["bias_ih", [rows]], ["bias_hh", [rows]]);
    this.makeWeights(new Map(shapes), hiddenSize, readFactory(where, options));
    if (hasBiases) return;
    this.biasIh = null;
    this.biasHh = null;
  }

  /** Runs one step on [batch, inputSize] and states of [batch, hiddenSize], or on both without the batch. */
  protected step(
    input: Tensor,
    count: number,
    given: readonly Tensor[] | null,
    call: (batch: Tensor, states: Tensor[], weights: (Parameter | null)[]) => Tensor[],
  ): Tensor[] {
    const rank = input.shape.length;
    if (rank !== 1 && rank !== 2) throw expected(this.where, "1 or 2 dimensions", "input", input.shape);
    if (given !== null && given.length !== count)
      throw expected(this.where, `${count} tensors, or null`, "hx", given);
    for (const state of given ?? []) {
      if (state.shape.length !== rank)
        throw expected(this.where, `${rank} dimensions, as the input has`, "hx", state.shape);
    }
    const batch = rank === 2 ? input : input.unsqueeze(0);
    const { dtype, device } = input;
    const states =
      given === null
        ? Array<Tensor>(count).fill(zeros([batch.size(0), this.hiddenSize], { dtype, device }))
        : given.map((state) => (rank === 2 ? state : state.unsqueeze(0)));
    const results = call(batch, states, [this.weightIh, this.weightHh, this.biasIh, this.biasHh]);
    return rank === 2 ? results : results.map((result) => result.squeeze(0));
  }

  override extraRepr(): string {
    return `${this.inputSize}, ${this.hiddenSize}${this.biasIh === null ? ", bias=False" : ""}`;
  }
}

const tanhCell = operator("nn.RNNCell", ["aten::rnn_tanh_cell"]);
const reluCell = operator("nn.RNNCell", ["aten::rnn_relu_cell"]);
const gruCell = operator("nn.GRUCell", ["aten::gru_cell"]);
const lstmCell = operator("nn.LSTMCell", ["aten::lstm_cell"]);

export interface RNNCellOptions extends CellOptions {
  /** What the sum of input and state goes through; "tanh" by default. */
  nonlinearity?: "tanh" | "relu";
}

/**
 * One step of an RNN.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.RNNCell.html
 */
export class RNNCell extends RNNCellBase {
  readonly nonlinearity: "tanh" | "relu";

  constructor(inputSize: number, hiddenSize: number, given?: RNNCellOptions) {
    const all = { ...defaults, nonlinearity: "tanh" as "tanh" | "relu" };
    const { nonlinearity, ...options } = mergeOptions<typeof all>("nn.RNNCell", all, given);
    oneOf("nn.RNNCell", "nonlinearity", nonlinearity, ["tanh", "relu"]);
    super("nn.RNNCell", 1, inputSize, hiddenSize, options);
    this.nonlinearity = nonlinearity;
  }

  /**
   * @param input - [batch, inputSize], or without the batch
   * @param hx - the state, [batch, hiddenSize]; zeros by default
   * @returns the next state
   */
  override forward(input: Tensor, hx: Tensor | null = null): Tensor {
    const cell = this.nonlinearity === "tanh" ? tanhCell : reluCell;
    const call = (batch: Tensor, [state]: Tensor[], weights: (Parameter | null)[]) => [
      cell(batch, state, ...weights) as Tensor,
    ];
    return this.step(input, 1, hx && [hx], call)[0] as Tensor;
  }

  override extraRepr(): string {
    return `${super.extraRepr()}${this.nonlinearity === "tanh" ? "" : `, nonlinearity=${this.nonlinearity}`}`;
  }
}

/**
 * One step of a GRU.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.GRUCell.html
 */
export class GRUCell extends RNNCellBase {
  constructor(inputSize: number, hiddenSize: number, given?: CellOptions) {
    const options = mergeOptions<typeof defaults>("nn.GRUCell", defaults, given);
    super("nn.GRUCell", 3, inputSize, hiddenSize, options);
  }

  /**
   * @param input - [batch, inputSize], or without the batch
   * @param hx - the state, [batch, hiddenSize]; zeros by default
   * @returns the next state
   */
  override forward(input: Tensor, hx: Tensor | null = null): Tensor {
    const call = (batch: Tensor, [state]: Tensor[], weights: (Parameter | null)[]) => [
      gruCell(batch, state, ...weights) as Tensor,
    ];
    return this.step(input, 1, hx && [hx], call)[0] as Tensor;
  }
}

/**
 * One step of an LSTM.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.LSTMCell.html
 */
export class LSTMCell extends RNNCellBase {
  constructor(inputSize: number, hiddenSize: number, given?: CellOptions) {
    const options = mergeOptions<typeof defaults>("nn.LSTMCell", defaults, given);
    super("nn.LSTMCell", 4, inputSize, hiddenSize, options);
  }

  /**
   * @param input - [batch, inputSize], or without the batch
   * @param hx - hidden and cell state, [batch, hiddenSize] each; zeros by default
   * @returns the next hidden and cell state
   */
  override forward(
    input: Tensor,
    hx: readonly [hidden: Tensor, cell: Tensor] | null = null,
  ): [hidden: Tensor, cell: Tensor] {
    const call = (batch: Tensor, states: Tensor[], weights: (Parameter | null)[]) =>
      lstmCell(batch, states, ...weights) as Tensor[];
    return this.step(input, 2, hx, call) as [Tensor, Tensor];
  }
}
