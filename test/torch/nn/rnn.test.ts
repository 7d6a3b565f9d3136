import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { memory, nn, ones, randn, scope, type Tensor, tensor, zeros } from "../../../lib/torch/index.ts";

const { PackedSequence, packPaddedSequence, packSequence, padPackedSequence } = nn.utils.rnn;

describe("weights of recurrent modules", () => {
  test("have Python's names in a state dict, and are properties in camelCase", () => {
    const lstm = new nn.LSTM(3, 4, { bidirectional: true, projSize: 2 });
    const forward = ["weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0", "weight_hr_l0"];
    assert.deepEqual(Object.keys(lstm.stateDict()), [
      ...forward,
      ...forward.map((name) => `${name}_reverse`),
    ]);
    assert.deepEqual(lstm.weightHrL0Reverse?.shape, [2, 4]);
    assert.deepEqual(Object.keys(new nn.GRUCell(3, 4, { bias: false }).stateDict()), [
      "weight_ih",
      "weight_hh",
    ]);
    assert.equal(new nn.GRUCell(3, 4, { bias: false }).biasIh, null);
  });

  test("can be tied and converted", () => {
    const [one, other] = [new nn.GRU(3, 4), new nn.GRU(3, 4)];
    other.weightIhL0 = one.weightIhL0 as nn.Parameter;
    assert.equal(new nn.ModuleList([one, other]).parameters().length, 7);
    const [output] = one.to("float64").forward(ones([2, 1, 3], { dtype: "float64" }));
    assert.equal(output.dtype, "float64");
  });

  const bad: [string, (lstm: nn.LSTM) => void, RegExp][] = [
    [
      "of another size",
      (lstm) => {
        lstm.weightHhL1 = new nn.Parameter(zeros([16, 3]));
      },
      /expected a tensor of size \[16, 4\] for weight_hh_l1, got \[16, 3\]/,
    ],
    [
      "of another dtype",
      (lstm) => {
        lstm.biasIhL0 = new nn.Parameter(zeros([16], { dtype: "float64" }));
      },
      /for bias_ih_l0, got Double on cpu/,
    ],
    [
      "of another device",
      (lstm) => {
        lstm.biasIhL0 = new nn.Parameter(zeros([16], { device: "meta" }));
      },
      /for bias_ih_l0, got Float on meta/,
    ],
    ["that were disposed", (lstm) => lstm.weightIhL0?.dispose(), /disposed/],
    [
      "that are none",
      (lstm) => {
        Reflect.set(lstm, "weightIhL0", null);
      },
      /\[torch.nn.LSTM\] expected array of Tensor for params/,
    ],
  ];
  for (const [name, spoil, error] of bad) {
    test(`${name} are refused`, () => {
      const lstm = new nn.LSTM(3, 4, { numLayers: 2 });
      spoil(lstm);
      assert.throws(() => lstm.forward(ones([2, 1, 3])), error);
    });
  }
});

describe("packed sequences", () => {
  const sequences = [2, 4, 1].map((length) => randn([length, 3]));

  test("come back as they went in", () => {
    const packed = packSequence(sequences, { enforceSorted: false });
    assert.deepEqual(packed.batchSizes.tolist(), [3, 2, 1, 1]);
    assert.deepEqual(
      nn.utils.rnn.unpackSequence(packed).map((sequence) => sequence.tolist()),
      sequences.map((sequence) => sequence.tolist()),
    );
    const [padded, lengths] = padPackedSequence(packed, {
      batchFirst: true,
      paddingValue: -1,
      totalLength: 5,
    });
    assert.deepEqual(
      [padded.shape, lengths.tolist()],
      [
        [3, 5, 3],
        [2, 4, 1],
      ],
    );
    assert.deepEqual(padded.select(0, 2).select(0, 4).tolist(), [-1, -1, -1]);
  });

  test("give what each sequence gives alone", () => {
    const gru = new nn.GRU(3, 4, { bidirectional: true });
    const [output, hidden] = gru.forward(packSequence(sequences, { enforceSorted: false }));
    assert.ok(output instanceof PackedSequence);
    for (const [i, one] of nn.utils.rnn.unpackSequence(output).entries()) {
      const [alone, last] = gru.forward(sequences[i] as Tensor);
      assert.ok(one.allclose(alone, { atol: 1e-6 }));
      assert.ok(hidden.select(1, i).allclose(last, { atol: 1e-6 }));
    }
  });

  test("outlive the scope that returns them, and nothing else does", () => {
    const gru = new nn.GRU(3, 4);
    const before = memory().tensors;
    const packed = scope(() => gru.forward(packSequence(sequences, { enforceSorted: false }))[0]);
    assert.equal(memory().tensors - before, 4);
    assert.deepEqual(packed.data.shape, [7, 4]);
  });

  test("follow a conversion, but for the sizes", () => {
    const packed = packSequence(sequences, { enforceSorted: false });
    assert.equal(packed.to("float32"), packed);
    const converted = packed.to("float64");
    assert.deepEqual([converted.data.dtype, converted.batchSizes], ["float64", packed.batchSizes]);
  });

  test("of lengths that do not fit are refused", () => {
    const padded = zeros([4, 2, 3]);
    assert.throws(() => packPaddedSequence(padded, [1, 2]), /sorted in decreasing order/);
    assert.throws(() => packPaddedSequence(padded, [5, 1]), /expected lengths from 1 to 4 for lengths/);
    assert.throws(() => packPaddedSequence(padded, [4, 0]), /an integer at least 1 for lengths\[1\]/);
    assert.throws(() => packPaddedSequence(padded, [4]), /2 lengths, one for each sequence/);
    assert.throws(() => packPaddedSequence(padded, tensor([2, 1])), /int64 on the CPU for lengths/);
    assert.throws(
      () => padPackedSequence(packSequence(sequences, { enforceSorted: false }), { totalLength: 3 }),
      /\[nn.utils.rnn.padPackedSequence\] expected an integer at least 4 for totalLength/,
    );
  });

  const data = zeros([4, 3]);
  const sizes: [string, Tensor][] = [
    ["that rise", tensor([1n, 3n])],
    ["that sum up to less", tensor([2n, 1n])],
    ["that sum up to more", tensor([3n, 2n])],
    ["past all rows", tensor([2n ** 62n, 2n ** 62n, 2n ** 62n, 2n ** 62n + 4n])],
    ["below 1", tensor([5n, -1n])],
    ["of another dtype", tensor([3, 1], { dtype: "int32" })],
    ["in two dimensions", tensor([[3n, 1n]])],
    ["that are none", tensor([], { dtype: "int64" })],
  ];
  for (const [name, batchSizes] of sizes) {
    test(`with sizes ${name} are refused`, () => {
      const packed = new PackedSequence(data, batchSizes);
      const error = /expected (numbers of sequences per step|at least one step)/;
      assert.throws(() => padPackedSequence(packed), error);
      const layers = [new nn.LSTM(3, 4), new nn.GRU(3, 4), new nn.RNN(3, 4)];
      for (const layer of layers) {
        const states = layer instanceof nn.LSTM ? 2 : 1;
        const hx = Array.from({ length: states }, () => zeros([1, 3, 4]));
        const run = layer.forward.bind(layer) as (...inputs: unknown[]) => unknown;
        assert.throws(
          () => run(packed, states === 2 ? hx : hx[0]),
          /batchSizes|size \[|layers \* directions/,
        );
      }
    });
  }
});

describe("inputs and states of recurrent modules that do not fit are refused", () => {
  const lstm = new nn.LSTM(3, 4);
  const gru = new nn.GRU(3, 4, { batchFirst: true });
  const cases: [string, () => unknown, RegExp][] = [
    ["a flat input", () => gru.forward(zeros([3])), /\[nn.GRU\] expected 2 or 3 dimensions for input/],
    ["an input of another width", () => gru.forward(zeros([2, 2, 4])), /a last dimension of inputSize \(3\)/],
    ["an input of integers", () => gru.forward(zeros([2, 2, 3], { dtype: "int64" })), /a floating dtype/],
    ["an input of another dtype", () => gru.forward(zeros([2, 2, 3], { dtype: "float64" })), /weight_ih_l0/],
    ["an input without steps", () => gru.forward(zeros([2, 0, 3])), /at least one step/],
    ["no tensor", () => gru.forward([1] as never), /a Tensor or a PackedSequence for input/],
    ["a state of another batch", () => gru.forward(zeros([2, 5, 3]), zeros([1, 3, 4])), /size \[1, 2, 4\]/],
    ["a state of another rank", () => gru.forward(zeros([2, 5, 3]), zeros([1, 4])), /3 dimensions/],
    ["one state of two", () => lstm.forward(zeros([2, 1, 3]), [zeros([1, 1, 4])] as never), /two tensors/],
    ["a state that is no array", () => lstm.forward(zeros([2, 1, 3]), zeros([1]) as never), /two tensors/],
    ["a cell's input of rank 3", () => new nn.LSTMCell(3, 4).forward(zeros([1, 1, 3])), /1 or 2 dimensions/],
    [
      "a cell's state of another size",
      () => new nn.GRUCell(3, 4).forward(zeros([1, 3]), zeros([1, 5])),
      /hidden/,
    ],
  ];
  for (const [name, run, error] of cases) test(name, () => assert.throws(run, error));
});

describe("options of recurrent modules that do not fit are refused", () => {
  const cases: [string, () => unknown, RegExp][] = [
    ["no layers", () => new nn.GRU(3, 4, { numLayers: 0 }), /numLayers/],
    [
      "layers beyond all memory",
      () => new nn.GRU(3, 4, { numLayers: 2 ** 40 }),
      /at most 1000 for numLayers/,
    ],
    ["a projection to more", () => new nn.LSTM(3, 4, { projSize: 4 }), /at most 3 for projSize/],
    ["a projection of a GRU", () => new nn.GRU(3, 4, { projSize: 2 } as object), /option to be one of/],
    ["an unknown nonlinearity", () => new nn.RNN(3, 4, { nonlinearity: "gelu" as never }), /nonlinearity/],
    ["a probability above 1", () => new nn.LSTM(3, 4, { dropout: 1.5, numLayers: 2 }), /dropout/],
  ];
  for (const [name, run, error] of cases) test(name, () => assert.throws(run, error));
});
