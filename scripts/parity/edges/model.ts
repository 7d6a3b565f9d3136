import { join } from "node:path";
import { MultitaskClassifier, Operation, Scorer, Task, type TaskOptions, torch } from "snorkel-torch";
import { list } from "./data.ts";
import { differs, type Edge, refused, same } from "./edge.ts";
import { eye, makeLoader, makeModel, makeTask, twoTasks, whole } from "./models.ts";

const { nn, tensor } = torch;
const points = "points/train/accuracy";
const oneHot = () =>
  tensor([
    [1, 0],
    [0, 1],
    [1, 0],
  ]);

function losses(y: torch.Tensor, options: Partial<TaskOptions> = {}): unknown {
  const { lossDict, countDict } = makeModel(makeTask("task", options)).calculateLoss(
    { x: oneHot() },
    { task: y },
  );
  const rounded = Object.entries(lossDict).map(([name, loss]) => [name, Number(loss.item().toFixed(5))]);
  return [Object.fromEntries(rounded), countDict];
}

const rows = (_: unknown, __: unknown, probs: ArrayLike<unknown> | undefined) => probs?.length ?? 0;
const scorer = new Scorer({ customMetricFuncs: { rows } });
const outputFunc = (output: torch.Tensor) => output.sigmoid();

class Identity extends nn.Module {
  override forward<T>(input: T): T {
    return input;
  }
}

function named(name: string, moduleName: string, operation: string): Task {
  return new Task({
    name,
    modulePool: { [moduleName]: eye() },
    opSequence: [new Operation({ moduleName, inputs: [["_input_", "x"]], name: operation })],
  });
}

const undecided = [0, 1, 0, 1, 0, 0, 0, 0, 1, 1];

/** Tasks, the losses and the scores of a model. */
export const modelEdges = (folder: string): Edge[] => [
  differs(
    "an operation and a task as text",
    [
      "Operation(name=o, module_name=m, inputs=['a'])",
      "Task(name=t)",
      "MultitaskClassifier(name=MultitaskClassifier)",
    ],
    [
      'Operation(name=o, module_name=m, inputs=["a"])',
      "Task(name=t)",
      "MultitaskClassifier(name=MultitaskClassifier)",
    ],
    () =>
      [new Operation({ moduleName: "m", inputs: ["a"], name: "o" }), makeTask("t"), makeModel()].map(String),
  ),
  same(
    "predictions of a model without an opinion",
    { golds: new Array(10).fill(1), probs: new Array(10).fill([0.5, 0.5]), preds: undecided },
    async () => {
      const { golds, probs, preds } = await makeModel().predict(makeLoader(), { returnPreds: true });
      return { golds: list(golds.task), probs: list(probs.task), preds: list(preds?.task) };
    },
  ),
  same("the score of a model without an opinion", { [`task/${points}`]: 0.4 }, () =>
    makeModel().score([makeLoader()]),
  ),
  same(
    "scores as rows",
    [{ label: "task", dataset: "points", split: "train", metric: "accuracy", score: 0.4 }],
    () => makeModel().score([makeLoader()], { asTable: true }),
  ),
  same("the losses of a batch whose labels are all -1", [{}, {}], () => losses(whole(-1, 3))),
  same("the losses of a batch some of whose labels are -1", [{ task: 0.81326 }, { task: 2 }], () =>
    losses(whole([0, -1, 1])),
  ),
  differs(
    "the losses of rows of which one label is not -1",
    [{ task: 0.75 }, { task: 2 }],
    [{ task: 0.66667 }, { task: 2 }],
    () =>
      losses(
        tensor([
          [1, -1],
          [-1, -1],
          [0, 1],
        ]),
        { lossFunc: new nn.MSELoss() },
      ),
  ),
  same("the losses of labels without a task", ["task"], () => {
    const y = whole([0, 1, 1]);
    return Object.keys(makeModel().calculateLoss({ x: oneHot() }, { task: y, other: y }).lossDict);
  }),
  refused("two tasks of one name", /Found duplicate task/, /Found duplicate task/, () =>
    makeModel(makeTask(), makeTask()),
  ),
  refused("something that is no task", /Unrecognized task type/, /Unrecognized task type/, () =>
    makeModel(makeTask(), { fake_task: 42 } as never),
  ),
  same("a model without tasks", 0, () => new MultitaskClassifier([]).taskNames.size),
  refused("an operation that fails", /Unsuccessful operation/, /operation/, () =>
    makeModel().forward({ x: torch.zeros([3, 7]) }, ["task"]),
  ),
  refused("a field that is not there", /Unsuccessful operation/, /"?x"?/, () =>
    makeModel().forward({ y: torch.zeros([3, 2]) }, ["task"]),
  ),
  same("an operation without inputs gets all outputs", ["_input_", "identity"], () => {
    const opSequence = [new Operation({ moduleName: "identity" })];
    const task = new Task({ name: "task", modulePool: { identity: new Identity() }, opSequence });
    return Object.keys(makeModel(task).forward({ x: torch.zeros([3, 2]) }, ["task"])).sort();
  }),
  differs("two modules under one name", 1, /one module under the name "head", got two/, () =>
    makeModel(named("a", "head", "a_op"), named("b", "head", "b_op")),
  ),
  differs(
    "two operations under one name",
    ["_input_", "op"],
    /one operation under the name "op", got two/,
    () => makeModel(named("a", "a", "op"), named("b", "b", "op")),
  ),
  same("labels scored by another task", { [`task/${points}`]: 0.4, [`other/${points}`]: 1 }, () =>
    twoTasks().score([makeLoader({ labels: { task: whole(1), other: whole(1) } })], {
      remapLabels: { other: "sure" },
    }),
  ),
  same("labels scored by no task", { [`sure/${points}`]: 1 }, () =>
    twoTasks().score([makeLoader({ labels: { task: whole(1), sure: whole(1) } })], {
      remapLabels: { task: null },
    }),
  ),
  refused("labels scored by a task that is not there", /KeyError: 'nobody'/, /"nobody"/, () =>
    twoTasks().score([makeLoader()], { remapLabels: { task: "nobody" } }),
  ),
  same("two loaders of one name and split", { [`sure/${points}`]: 1 }, () =>
    twoTasks().score([0, 1].map((value) => makeLoader({ labels: { sure: whole(value) } }))),
  ),
  same("scores of no loader", {}, () => makeModel().score([])),
  differs("scores of a loader without batches", /KeyError: 'task'/, {}, () =>
    makeModel().score([makeLoader({ rows: 3, dropLast: true })]),
  ),
  differs(
    "predictions of a dataset without labels",
    {},
    { task: new Array(10).fill([0.5, 0.5]) },
    async () => {
      const { probs } = await makeModel().predict(makeLoader({ labels: {} }), { taskNames: ["task"] });
      return { task: list(probs.task) };
    },
  ),
  differs(
    "gold labels past the whole numbers of float32",
    [2 ** 24, 2 ** 24],
    [2 ** 24 + 1, 2 ** 24 + 1],
    async () => {
      const { golds } = await makeModel().predict(
        makeLoader({ labels: { task: whole(2 ** 24 + 1, 2) }, rows: 2 }),
      );
      return list(golds.task);
    },
  ),
  refused("soft labels scored by accuracy", /non-integer/, /one label per row/, () =>
    makeModel().score([makeLoader({ labels: { task: torch.ones([10, 2]).div(2) } })]),
  ),
  differs(
    "one output scored by a metric of one's own",
    /at least 2 classes/,
    { "task/points/train/rows": 10 },
    () => {
      const task = makeTask("task", { head: new nn.Linear(2, 1), scorer, outputFunc });
      return makeModel(task).score([makeLoader({ labels: { task: torch.ones([10, 1]) } })]);
    },
  ),
  same("two outputs scored by a metric of one's own", { "task/points/train/rows": 10 }, () =>
    makeModel(makeTask("task", { scorer, outputFunc })).score([
      makeLoader({ labels: { task: torch.ones([10, 2]) } }),
    ]),
  ),
  differs(
    "labels that are all -1 scored by accuracy",
    /Found empty input array/,
    { [`task/${points}`]: Number.NaN },
    () => makeModel().score([makeLoader({ labels: { task: whole(-1) } })]),
  ),
  differs("the modes of modules after a score", false, true, async () => {
    const model = makeModel();
    model.train();
    await model.score([makeLoader()]);
    return model.modulePool.get("task_head")?.training;
  }),
  differs("weights in a file without a folder", /FileNotFoundError/, "saved", async () => {
    const before = process.cwd();
    process.chdir(folder);
    try {
      await makeModel().save("model.pth");
    } finally {
      process.chdir(before);
    }
    return "saved";
  }),
  same("weights in a folder that is not there", "saved", async () => {
    await makeModel().save(join(folder, "new/folder/model.pth"));
    return "saved";
  }),
  refused("weights from a file that is not there", /FileNotFoundError/, /nowhere/, () =>
    makeModel().load("nowhere.pth"),
  ),
  refused("weights of another model", /Missing key/, /other_head/, async () => {
    const path = join(folder, "other.pth");
    await makeModel(makeTask("other")).save(path);
    await makeModel().load(path);
  }),
  same("a shuffled loader scores as an ordered one", [[0.5], [0.5]], () =>
    Promise.all(
      [false, true].map(async (shuffle) =>
        Object.values(
          await twoTasks().score([
            makeLoader({ labels: { sure: whole([0, 1, 0, 1, 0, 1, 0, 1, 0, 1]) }, shuffle }),
          ]),
        ),
      ),
    ),
  ),
];
