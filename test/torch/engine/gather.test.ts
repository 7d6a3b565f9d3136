import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type PaddingOptions, RaggedField, type XDict } from "../../../lib/data/index.ts";
import { type InputSource, type TrainingResult, TrainingThread } from "../../../lib/torch/engine/index.ts";
import { type Dtype, scope, type Tensor, tensor, zeros } from "../../../lib/torch/index.ts";
import { drawFrom } from "../../draw.ts";
import { bitsOf, build } from "./steps.ts";

/** What a program's input is filled with for batches of one size, and how that ends. */
async function gather(
  source: InputSource,
  like: Tensor,
  batches: readonly (readonly number[])[],
): Promise<{ rows: Tensor; result: TrainingResult }> {
  using thread = new TrainingThread();
  const copy = (inputs: readonly Tensor[]) => inputs.map((input) => input.clone());
  using program = build({ parameters: [], persistent: [] }, [[like.clone()], [like.clone()]], copy);
  const size = like.size(0);
  const rows = zeros([batches.length * size, ...like.shape.slice(1)], { dtype: like.dtype });
  const result = await thread.run({
    programs: [{ program: program.handle, sources: [source], names: [] }],
    steps: new Int32Array(batches.length),
    positions: Int32Array.from(batches.flat()),
    starts: Int32Array.from({ length: batches.length + 1 }, (_, i) => i * size),
    given: [],
    counts: new Float64Array(),
    losses: new Float64Array(),
    points: new Float64Array(),
    optimizer: null,
    gradClip: 0,
    rates: [],
    destinations: [[rows]],
  });
  return { rows, result };
}

async function expectRows(
  source: InputSource,
  batches: readonly (readonly number[])[],
  expected: readonly Tensor[],
) {
  const { rows, result } = await gather(source, expected[0] as Tensor, batches);
  assert.deepEqual([result.error, result.done], [null, batches.length]);
  assert.deepEqual(bitsOf([rows]).join(""), bitsOf(expected).join(""));
}

const dtypes: Dtype[] = [
  "float32",
  "float64",
  "float16",
  "bfloat16",
  "int64",
  "int32",
  "int16",
  "int8",
  "uint8",
  "bool",
];

describe("Rows are those of indexSelect, to the bit", () => {
  const batches = [
    [0, 3, 3],
    [4, 1, 0],
  ];
  const check = (values: Tensor) =>
    expectRows(
      { kind: "rows", tensor: values },
      batches,
      batches.map((batch) => values.indexSelect(0, tensor(batch, { dtype: "int64" }))),
    );
  for (const dtype of dtypes) {
    it(`of ${dtype}`, () =>
      check(
        tensor([
          [-1, 0],
          [2, 1],
          [0, 3],
          [5, 0],
          [0, 0],
        ]).to(dtype),
      ));
  }
  it("of one number each", () => check(tensor([1, Number.NaN, -0, Number.POSITIVE_INFINITY, 5])));
  it("of several dimensions", () =>
    check(tensor(Array.from({ length: 60 }, (_, i) => i)).view([5, 2, 3, 2])));
  it("of tensors that do not lie in one piece", async () => {
    const whole = tensor(Array.from({ length: 60 }, (_, i) => i)).view([6, 10]);
    await check(whole.t().narrow(0, 2, 5));
    await check(whole.narrow(1, 1, 3).narrow(0, 1, 5));
    await check(tensor([[1, 2]]).expand([5, 2]));
  });
  it("of nothing at all", () => check(zeros([5, 0])));
  it("of megabytes", async () => {
    const values = tensor(Float32Array.from({ length: 5 * 100_000 }, (_, i) => i)).view([5, 100_000]);
    await check(values);
  });
});

describe("Ragged rows are padded as RaggedField pads them, to the bit", () => {
  const draw = drawFrom(11);
  const below = (limit: number) => Math.floor(draw() * limit);

  async function check(field: RaggedField): Promise<void> {
    const size = 1 + below(5);
    const positions = Array.from({ length: size }, () => below(field.length));
    // Any order of the same examples is of the same width.
    const batches = [positions, positions.toReversed()];
    const { values, offsets, padding } = field;
    const { padValue, leftPadded, maxLen } = padding;
    const padded = batches.map((batch) => {
      const xDict: XDict = {};
      field.addTo(xDict, "f", batch);
      return xDict as Record<string, Tensor>;
    });
    for (const [what, name] of [
      ["values", "f"],
      ["mask", "f_mask"],
      ["lengths", "f_lengths"],
    ] as const) {
      const source: InputSource = { kind: "ragged", values, offsets, padValue, leftPadded, maxLen, what };
      await expectRows(
        source,
        batches,
        padded.map((fields) => fields[name] as Tensor),
      );
    }
  }

  const makeField = (dtype: Dtype, options: Partial<PaddingOptions>, longest: number): RaggedField => {
    const rows = Array.from({ length: 12 }, () => Array.from({ length: below(longest) }, () => below(100)));
    return scope(() => {
      const joined = RaggedField.from([...rows, []], { dtype });
      return new RaggedField(joined.values.keep(), joined.offsets, { mask: true, lengths: true, ...options });
    });
  };

  for (const dtype of dtypes) {
    it(`of ${dtype}`, async () => {
      const padValue = dtype === "bool" ? 1 : dtype === "uint8" ? 200 : -1;
      for (const options of [
        {},
        { padValue },
        { leftPadded: true, padValue },
        { maxLen: 3, leftPadded: true },
        { maxLen: 2 },
      ]) {
        await check(makeField(dtype, { ...options, padToMultipleOf: 1 + below(3) }, 8));
      }
    });
  }
  it("with odd paddings", async () => {
    for (const padValue of [-0, Number.NaN, 0.1, 1e30, Number.NEGATIVE_INFINITY]) {
      await check(makeField("float32", { padValue }, 8));
      await check(makeField("float64", { padValue, leftPadded: true }, 8));
    }
    await check(makeField("int64", { padValue: Number.MAX_SAFE_INTEGER }, 8));
  });
  it("of nothing but empty rows", () =>
    check(makeField("float32", { padValue: 7, padToMultipleOf: 4, padTo: [4] }, 1)));
  it("of long rows", () => check(makeField("float32", { padValue: 1 }, 100_000)));
  it("of values that do not lie in one piece", async () => {
    const { offsets, values } = makeField("float32", {}, 8);
    const strided = values.view([-1, 1]).expand([-1, 2]).contiguous().select(1, 0);
    await check(new RaggedField(strided, offsets, { padValue: 3, mask: true, lengths: true }));
    await check(
      new RaggedField(tensor(4).expand([values.size(0)]), offsets, {
        padValue: 3,
        mask: true,
        lengths: true,
      }),
    );
  });
});

describe("What is not there is not read", () => {
  const rows = tensor([[1], [2], [3]]);
  const expectError = async (source: InputSource, like: Tensor, batch: number[], message: RegExp) => {
    const { result } = await gather(source, like, [batch]);
    assert.equal(result.done, 0);
    assert.match(result.error ?? "", message);
  };

  it("of rows", async () => {
    const source: InputSource = { kind: "rows", tensor: rows };
    for (const position of [-1, 3, 2 ** 31 - 1, -(2 ** 31)]) {
      await expectError(
        source,
        zeros([2, 1]),
        [0, position],
        new RegExp(`expected positions of 3 examples, got ${position}`),
      );
    }
    await expectError(
      source,
      zeros([2, 2]),
      [0, 1],
      /expected a batch of Float \[2, 2\].*, got Float \[2, 1\]/,
    );
    await expectError(
      source,
      zeros([2, 1], { dtype: "float64" }),
      [0, 1],
      /expected a batch of Double \[2, 1\].*, got Float/,
    );
    await expectError({ kind: "rows", tensor: tensor(1) }, zeros([2]), [0, 1], /got a scalar/);
    await expectError(
      { kind: "rows", tensor: zeros([3, 1], { device: "meta" }) },
      zeros([2, 1]),
      [0, 1],
      /Meta/,
    );
  });

  it("of ragged rows", async () => {
    const values = tensor([1, 2, 3, 4]);
    const ragged = {
      kind: "ragged",
      values,
      padValue: 0,
      leftPadded: false,
      maxLen: 0,
      what: "values",
    } as const;
    for (const what of ["values", "mask", "lengths"] as const) {
      const like = {
        values: zeros([1, 9]),
        mask: zeros([1, 9], { dtype: "bool" }),
        lengths: zeros([1], { dtype: "int64" }),
      }[what];
      for (const offsets of [
        [0, 5],
        [-1, 2],
        [3, 2],
        [-5, -4],
        [0, 2 ** 31 - 1],
        [-(2 ** 31), 2 ** 31 - 1],
      ]) {
        const source = { ...ragged, what, offsets: Int32Array.from(offsets) };
        await expectError(source, like, [0], /expected offsets that rise from 0 to 4, got/);
      }
      for (const position of [-1, 1, 2 ** 31 - 1]) {
        await expectError(
          { ...ragged, what, offsets: Int32Array.of(0, 4) },
          like,
          [position],
          /expected positions of 1 examples/,
        );
        await expectError(
          { ...ragged, what, offsets: new Int32Array() },
          like,
          [position],
          /expected positions of -?\d examples/,
        );
      }
    }
    const source = { ...ragged, offsets: Int32Array.of(0, 4) };
    await expectError(source, zeros([1, 3]), [0], /expected examples of at most 3 values, got one of 4/);
    await expectError(source, zeros([4]), [0, 0, 0, 0], /expected a batch of Float \[4\]/);
    await expectError({ ...source, values: values.view([2, 2]) }, zeros([1, 4]), [0], /one dimension/);
  });

  it("of destinations", async () => {
    using thread = new TrainingThread();
    const copy = (inputs: readonly Tensor[]) => inputs.map((input) => input.clone());
    using program = build({ parameters: [], persistent: [] }, [[zeros([2, 1])], [zeros([2, 1])]], copy);
    for (const destination of [
      zeros([3, 1]),
      zeros([4]),
      zeros([4, 2]),
      zeros([4, 1], { dtype: "float64" }),
    ]) {
      const result = await thread.run({
        programs: [{ program: program.handle, sources: [{ kind: "rows", tensor: rows }], names: [] }],
        steps: new Int32Array(2),
        positions: Int32Array.of(0, 1, 2, 0),
        starts: Int32Array.of(0, 2, 4),
        given: [],
        counts: new Float64Array(),
        losses: new Float64Array(),
        points: new Float64Array(),
        optimizer: null,
        gradClip: 0,
        rates: [],
        destinations: [[destination]],
      });
      assert.match(result.error ?? "", /expected a destination for Float \[2, 1\] from row [02] on, got/);
    }
  });
});
