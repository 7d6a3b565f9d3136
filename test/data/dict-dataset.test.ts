import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";
import { DictDataLoader, DictDataset, type DictDatasetOptions, RaggedField } from "../../lib/data/index.ts";
import { Tensor, tensor } from "../../lib/torch/index.ts";

const rows = () => [1, 2, 3, 4, 5].map((length) => tensor([1, 2, 3, 4, 5].slice(0, length)));

function dataset(options: Partial<DictDatasetOptions> = {}): DictDataset {
  return new DictDataset({
    name: "new_data",
    split: "train",
    xDict: { data1: rows() },
    yDict: { task1: tensor([0, 0, 0, 0, 0]) },
    ...options,
  });
}

test("a field or a label by the one name that no object can hold is refused", () => {
  const odd = Object.fromEntries([["__proto__", tensor([0, 0, 0, 0, 0])]]);
  assert.throws(() => dataset({ xDict: odd }), /another name for a name in xDict, got "__proto__"/);
  assert.throws(() => dataset({ yDict: odd }), /another name for a name in yDict, got "__proto__"/);
});

test("parity 6: a label that is no tensor is an error that names it", () => {
  const yDict = { task1: [0, 0, 0, 0, 0] as unknown as Tensor };
  assert.throws(
    () => dataset({ yDict }),
    /\[DictDataset\] expected a torch.Tensor for label "task1", got an array of 5. Make one with torch.tensor/,
  );
  assert.throws(
    () => dataset({ yDict: { task1: new Float32Array(5) as unknown as Tensor } }),
    /for label "task1", got a Float32Array/,
  );
});

test("parity 6: fields may be tensors, rows of numbers, or arrays of anything", () => {
  const given = {
    tensor: tensor([[1], [2]]),
    numbers: [[1, 2], [3]],
    typed: [new Int32Array([1, 2]), new Int32Array([3])],
    tensors: [tensor([1, 2]), tensor([3])],
    ragged: RaggedField.from([[1n], [2n]]),
    text: ["a", "b"],
    ids: [1, 2],
    nested: [[[1]], [[2]]],
    images: [tensor([[1]]), tensor([[2]])],
  };
  const { xDict } = dataset({ xDict: given, yDict: {} });
  const kinds = Object.entries(xDict).map(([name, field]) => [name, field.constructor.name]);
  assert.deepEqual(Object.fromEntries(kinds), {
    tensor: "Tensor",
    numbers: "RaggedField",
    typed: "RaggedField",
    tensors: "RaggedField",
    ragged: "RaggedField",
    text: "Array",
    ids: "Array",
    nested: "Array",
    images: "Array",
  });
  assert.deepEqual(given.text, ["a", "b"]);
});

test("a field that is neither is an error that says what to do", () => {
  assert.throws(
    () => dataset({ xDict: { data: new Float32Array(5) as unknown as number[] } }),
    /expected a Tensor, a RaggedField, an array or an object of them for field "data", got a Float32Array. Make/,
  );
  assert.throws(
    () => dataset({ xDict: { data: tensor(1) } }),
    /expected a tensor with a dimension of examples for "data", got a Tensor of shape \[\]/,
  );
});

test("fields and labels of different lengths are an error that names both", () => {
  assert.throws(
    () => dataset({ yDict: { task1: tensor([0, 0]) } }),
    /\[DictDataset\] expected 5 examples for label "task1", as field "data1" has, got 2. Give every field/,
  );
  assert.throws(
    () => dataset({ xDict: { a: ["x"], b: tensor([1, 2]) }, yDict: {} }),
    /expected 1 examples for field "b", as field "a" has, got 2/,
  );
  const changed = dataset();
  changed.yDict.task1 = tensor([1]);
  assert.throws(() => [...new DictDataLoader(changed)], /expected 5 examples for label "task1"/);
});

test("names, splits and options are checked", () => {
  assert.throws(() => dataset({ name: 1 as unknown as string }), /expected a string for name, got 1/);
  assert.throws(() => dataset({ split: undefined }), /expected a string for split, got undefined/);
  assert.throws(
    () => dataset({ xDict: [] as unknown as DictDatasetOptions["xDict"] }),
    /expected a plain object of fields for xDict/,
  );
  assert.throws(() => dataset({ ydict: {} } as object), /got "ydict". Did you mean "yDict"\?/);
});

test("parity 7: get gives the elements of one example", () => {
  const made = dataset({
    xDict: { data1: rows(), text: ["a", "b", "c", "d", "e"], m: tensor([[1], [2], [3], [4], [5]]) },
    yDict: { task1: tensor([5, 6, 7, 8, 9], { dtype: "int64" }) },
  });
  const [x, y] = made.get(1);
  assert.deepEqual((x.data1 as Tensor).tolist(), [1, 2]);
  assert.equal(x.text, "b");
  assert.deepEqual((x.m as Tensor).tolist(), [2]);
  assert.equal(y.task1?.item(), 6);
  for (const i of [-1, 5, 0.5]) assert.throws(() => made.get(i), /expected an index from 0 to 4 for i/);
});

test("parity 7: the length is that of every field, without labels too", () => {
  assert.equal(dataset().length, 5);
  assert.equal(dataset({ yDict: {} }).length, 5);
  assert.equal(dataset({ xDict: {}, yDict: {} }).length, 0);
});

test("parity 8: prints as in Python", () => {
  const text = "DictDataset(name=new_data, X_keys=['data1'], Y_keys=['task1'])";
  assert.equal(String(dataset()), text);
  assert.equal(inspect(dataset()), text);
  class Mine extends DictDataset {}
  assert.equal(
    String(new Mine({ name: "m", split: "s", xDict: {}, yDict: {} })),
    "Mine(name=m, X_keys=[], Y_keys=[])",
  );
});

test("parity 9: fromTensors has Snorkel's names by default", () => {
  const X = tensor([[1], [2]]);
  const Y = tensor([0, 1]);
  const made = DictDataset.fromTensors(X, Y, "valid");
  assert.equal(String(made), "DictDataset(name=SnorkelDataset, X_keys=['input_data'], Y_keys=['task'])");
  assert.equal(made.split, "valid");
  assert.equal(made.xDict.input_data, X);
  assert.equal(made.yDict.task, Y);
  const named = DictDataset.fromTensors(X, Y, "valid", {
    inputDataKey: "a",
    taskName: "b",
    datasetName: "c",
  });
  assert.equal(String(named), "DictDataset(name=c, X_keys=['a'], Y_keys=['b'])");
  assert.throws(() => DictDataset.fromTensors(X, Y, "valid", { taskname: "b" } as object), /"taskName"\?/);
});

test("activeRows marks the examples with a label other than -1", () => {
  const yDict = {
    a: tensor([0, -1, 2, -1], { dtype: "int64" }),
    b: tensor([
      [-1, -1],
      [-1, 0.5],
      [0, 0],
      [-1, -1],
    ]),
  };
  const made = dataset({ xDict: {}, yDict });
  assert.deepEqual([...made.activeRows("a")], [1, 0, 1, 0]);
  assert.deepEqual([...made.activeRows("b")], [0, 1, 1, 0]);
  assert.throws(() => made.activeRows("c"), /expected a label of the dataset for labelName, got "c"/);
});

test("activeRows is read once, and again when the label was replaced or changed in place", () => {
  const made = dataset({ xDict: {}, yDict: { a: tensor([0, -1]) } });
  const first = made.activeRows("a");
  assert.equal(made.activeRows("a"), first);
  made.yDict.a?.fill_(-1);
  assert.deepEqual([...made.activeRows("a")], [0, 0]);
  made.yDict.a = tensor([1, 1, 1]);
  assert.deepEqual([...made.activeRows("a")], [1, 1, 1]);
});

test("a dataset made inside a scope keeps its rows", () => {
  assert.ok(dataset({ yDict: {} }).xDict.data1 instanceof RaggedField);
  const example = dataset().get(4)[0].data1;
  assert.ok(example instanceof Tensor);
});

test("an object of fields is one field: an object in an example and in a batch", () => {
  const graph = {
    nodes: tensor([[1], [2], [3]]),
    edges: RaggedField.from([[1], [], [2, 3]], { mask: true }),
    names: ["a", "b", "c"],
    inner: { lists: [[4], [5, 6], []] },
  };
  const made = dataset({ xDict: { graph }, yDict: {} });
  assert.equal(made.length, 3);
  const [x] = made.get(1);
  assert.deepEqual(plain(x.graph), { nodes: [2], edges: [], names: "b", inner: { lists: [5, 6] } });
  const [batch] = new DictDataLoader(made, { batchSampler: [[2, 0]] });
  assert.deepEqual(plain(batch?.xDict.graph), {
    nodes: [[3], [1]],
    edges: [
      [2, 3],
      [1, 0],
    ],
    edges_mask: [
      [false, false],
      [false, true],
    ],
    names: ["c", "a"],
    inner: { lists: [[0], [4]] },
  });
  batch?.dispose();
  assert.throws(() => plain(batch?.xDict.graph), /disposed/);
  assert.deepEqual(graph.nodes.tolist(), [[1], [2], [3]]);
});

test("the fields inside an object have the length of the others", () => {
  const xDict = { graph: { nodes: tensor([1, 2]), inner: { edges: tensor([1]) } } };
  assert.throws(
    () => dataset({ xDict, yDict: {} }),
    /expected 2 examples for field "graph.inner.edges", as field "graph.nodes" has, got 1/,
  );
  const odd = { graph: { nodes: new Map() } } as unknown as DictDatasetOptions["xDict"];
  assert.throws(() => dataset({ xDict: odd, yDict: {} }), /for field "graph.nodes", got a Map/);
});

/** Tensors inside objects as lists. */
function plain(value: unknown): unknown {
  if (value instanceof Tensor) return value.tolist();
  if (Array.isArray(value) || typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]));
}
