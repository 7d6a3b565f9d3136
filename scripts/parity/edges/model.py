import numpy as np
import torch
import torch.nn as nn
from edge import edge
from snorkel.analysis import Scorer
from snorkel.classification import DictDataLoader, DictDataset, MultitaskClassifier, Operation, Task


def eye(classes=2, column=None):
    """A linear layer that gives its input back."""
    layer = nn.Linear(2, classes)
    nn.init.eye_(layer.weight)
    nn.init.zeros_(layer.bias)
    return layer


def make_task(name="task", head=None, **options):
    operations = [Operation(module_name=f"{name}_head", inputs=[("_input_", "x")])]
    return Task(name=name, module_pool=nn.ModuleDict({f"{name}_head": head or eye()}), op_sequence=operations, **options)


def make_model(*tasks):
    return MultitaskClassifier(list(tasks) or [make_task()], device=-1, dataparallel=False)


def make_loader(labels=None, rows=10, split="train", **options):
    x = torch.arange(float(rows)).reshape(-1, 1).repeat(1, 2)
    labels = {"task": torch.ones(rows, dtype=torch.int64)} if labels is None else labels
    return DictDataLoader(DictDataset("points", split, {"x": x}, labels), batch_size=options.pop("batch_size", 4), **options)


def losses(y, x=None, **options):
    x = torch.tensor([[1.0, 0.0], [0.0, 1.0], [1.0, 0.0]]) if x is None else x
    loss_dict, count_dict = make_model(make_task(**options)).calculate_loss({"x": x}, {"task": y})
    return [{name: round(loss.item(), 5) for name, loss in loss_dict.items()}, count_dict]


@edge("an operation and a task as text")
def _():
    return [repr(Operation("m", ["a"], name="o")), repr(make_task("t")), repr(make_model())]


@edge("predictions of a model without an opinion")
def _():
    results = make_model().predict(make_loader(), return_preds=True)
    return {part: values["task"].tolist() for part, values in results.items()}


@edge("the score of a model without an opinion")
def _():
    return make_model().score([make_loader()])


@edge("scores as rows")
def _():
    return make_model().score([make_loader()], as_dataframe=True).to_dict("records")


@edge("the losses of a batch whose labels are all -1")
def _():
    return losses(torch.full((3,), -1))


@edge("the losses of a batch some of whose labels are -1")
def _():
    return losses(torch.tensor([0, -1, 1]))


@edge("the losses of rows of which one label is not -1")
def _():
    y = torch.tensor([[1.0, -1.0], [-1.0, -1.0], [0.0, 1.0]])
    return losses(y, loss_func=nn.MSELoss())


@edge("the losses of labels without a task")
def _():
    y = torch.tensor([0, 1, 1])
    return list(make_model().calculate_loss({"x": torch.zeros(3, 2)}, {"task": y, "other": y})[0])


@edge("two tasks of one name")
def _():
    return make_model(make_task(), make_task())


@edge("something that is no task")
def _():
    return make_model(make_task(), {"fake_task": 42})


@edge("a model without tasks")
def _():
    return len(MultitaskClassifier([]).task_names)


@edge("an operation that fails")
def _():
    return make_model().forward({"x": torch.zeros(3, 7)}, ["task"])


@edge("a field that is not there")
def _():
    return make_model().forward({"y": torch.zeros(3, 2)}, ["task"])


@edge("an operation without inputs gets all outputs")
def _():
    task = Task("task", nn.ModuleDict({"identity": nn.Identity()}), [Operation("identity", [])])
    return sorted(make_model(task).forward({"x": torch.zeros(3, 2)}, ["task"]))


@edge("two modules under one name")
def _():
    tasks = [Task(n, nn.ModuleDict({"head": eye()}), [Operation("head", [("_input_", "x")], name=f"{n}_op")]) for n in "ab"]
    return len(make_model(*tasks).module_pool)


@edge("two operations under one name")
def _():
    tasks = [Task(n, nn.ModuleDict({n: eye()}), [Operation(n, [("_input_", "x")], name="op")]) for n in "ab"]
    return sorted(make_model(*tasks).forward({"x": torch.zeros(1, 2)}, ["a", "b"]))


def two_tasks():
    sure = nn.Linear(2, 2)
    nn.init.zeros_(sure.weight)
    sure.bias.data = torch.tensor([0.0, 5.0])
    return make_model(make_task("task"), make_task("sure", sure))


@edge("labels scored by another task")
def _():
    ones = torch.ones(10, dtype=torch.int64)
    return two_tasks().score([make_loader({"task": ones, "other": ones})], {"other": "sure"})


@edge("labels scored by no task")
def _():
    ones = torch.ones(10, dtype=torch.int64)
    return two_tasks().score([make_loader({"task": ones, "sure": ones})], {"task": None})


@edge("labels scored by a task that is not there")
def _():
    return two_tasks().score([make_loader()], {"task": "nobody"})


@edge("two loaders of one name and split")
def _():
    zeros = torch.zeros(10, dtype=torch.int64)
    return two_tasks().score([make_loader({"sure": zeros}), make_loader({"sure": zeros + 1})])


@edge("scores of no loader")
def _():
    return make_model().score([])


@edge("scores of a loader without batches")
def _():
    return make_model().score([make_loader(rows=3, drop_last=True)])


@edge("predictions of a dataset without labels")
def _():
    return make_model().predict(make_loader({}))["probs"]


@edge("gold labels past the whole numbers of float32")
def _():
    golds = make_model().predict(make_loader({"task": torch.full((2,), 2**24 + 1)}, rows=2))["golds"]["task"]
    return [int(gold) for gold in golds]


@edge("soft labels scored by accuracy")
def _():
    return make_model().score([make_loader({"task": torch.full((10, 2), 0.5)})])


def rows(golds, preds, probs):
    return len(probs)


@edge("one output scored by a metric of one's own")
def _():
    task = make_task(head=nn.Linear(2, 1), scorer=Scorer(custom_metric_funcs={"rows": rows}), output_func=torch.sigmoid)
    return make_model(task).score([make_loader({"task": torch.ones(10, 1)})])


@edge("two outputs scored by a metric of one's own")
def _():
    task = make_task(scorer=Scorer(custom_metric_funcs={"rows": rows}), output_func=torch.sigmoid)
    return make_model(task).score([make_loader({"task": torch.ones(10, 2)})])


@edge("labels that are all -1 scored by accuracy")
def _():
    return make_model().score([make_loader({"task": torch.full((10,), -1)})])


@edge("the modes of modules after a score")
def _():
    model = make_model()
    model.train()
    model.score([make_loader()])
    return model.module_pool["task_head"].training


@edge("weights in a file without a folder")
def _():
    make_model().save("model.pth")
    return "saved"


@edge("weights in a folder that is not there")
def _():
    make_model().save("new/folder/model.pth")
    return "saved"


@edge("weights from a file that is not there")
def _():
    make_model().load("nowhere.pth")


@edge("weights of another model")
def _():
    make_model(make_task("other")).save("others/other.pth")
    make_model().load("others/other.pth")


@edge("a shuffled loader scores as an ordered one")
def _():
    labels = {"sure": torch.tensor([0, 1] * 5)}
    return [list(two_tasks().score([make_loader(labels, shuffle=shuffle)]).values()) for shuffle in (False, True)]
