"""The tasks, models and loaders of a case, as build.ts makes them."""

import numpy as np
import torch
import torch.nn.functional as F
from snorkel.analysis import Scorer
from snorkel.classification import (
    DictDataLoader,
    DictDataset,
    MultitaskClassifier,
    Operation,
    Task,
    cross_entropy_with_probs,
)
from snorkel.slicing import SliceAwareClassifier
from torch import nn


class HeadOverOutputs(nn.Module):
    """A head over one of all outputs."""

    def __init__(self, input_name, width, classes):
        super().__init__()
        self.input_name = input_name
        self.head = nn.Linear(width, classes)

    def forward(self, outputs):
        return self.head(outputs[self.input_name])


def hits(golds, preds, probs):
    return {"hits": int((golds == preds).sum()), "rows": len(golds)}


def distance(golds, preds, probs):
    return float(np.abs(golds.astype(np.float64) - probs.astype(np.float64)).max())


def loss_options(loss, classes):
    weight = torch.arange(1.0, classes + 1)
    return {
        "crossEntropy": {},
        "weighted": {"loss_func": lambda output, labels: F.cross_entropy(output, labels, weight=weight)},
        "smoothed": {"loss_func": nn.CrossEntropyLoss(label_smoothing=0.1)},
        # A loss of one value a row is this package's own: here it has to be averaged.
        "ofRows": {"loss_func": lambda output, labels: F.cross_entropy(output, labels, reduction="none").mean()},
        "withProbs": {"loss_func": cross_entropy_with_probs},
        "squaredError": {"loss_func": nn.MSELoss(), "output_func": lambda output: output},
        "binaryCrossEntropy": {"loss_func": nn.BCEWithLogitsLoss(), "output_func": torch.sigmoid},
    }[loss]


def build_trunk(trunk):
    layers = []
    for inputs, outputs in zip(trunk["sizes"], trunk["sizes"][1:]):
        layers.append(nn.Linear(inputs, outputs, bias=trunk["norm"] != "batch"))
        if trunk["norm"] == "batch":
            layers.append(nn.BatchNorm1d(outputs))
        elif trunk["norm"] == "layer":
            layers.append(nn.LayerNorm([outputs]))
        layers.append({"relu": nn.ReLU, "tanh": nn.Tanh, "gelu": nn.GELU}[trunk["activation"]]())
    if trunk["dropout"] > 0:
        layers.append(nn.Dropout(trunk["dropout"]))
    return nn.Sequential(*layers).requires_grad_(not trunk["isFrozen"])


def build_scorer(task):
    functions = {"hits": hits, "distance": distance}
    return Scorer(task["metrics"], {name: functions[name] for name in task["customMetrics"]})


def build_task(task, module, trunk):
    name, width, classes = task["name"], trunk["sizes"][-1], task["classes"]
    trunk_name, head_name = f"trunk{task['trunk']}", f"{name}_head"
    takes_all = task["takesAllOutputs"]
    head = HeadOverOutputs(trunk_name, width, classes) if takes_all else nn.Linear(width, classes)
    return Task(
        name=name,
        module_pool=nn.ModuleDict({trunk_name: module, head_name: head}),
        op_sequence=[
            Operation(module_name=trunk_name, inputs=[("_input_", trunk["field"])]),
            Operation(module_name=head_name, inputs=[] if takes_all else [trunk_name]),
        ],
        scorer=build_scorer(task),
        **loss_options(task["loss"], classes),
    )


def build(case, data):
    """The model and the loaders of a case."""
    if case["sliceNames"] is not None:
        return build_slice_aware(case, data)
    modules = [build_trunk(trunk) for trunk in case["trunks"]]
    tasks = [build_task(task, modules[task["trunk"]], case["trunks"][task["trunk"]]) for task in case["tasks"]]
    model = MultitaskClassifier(tasks, device=-1, dataparallel=case["dataparallel"])
    loaders = [DictDataLoader(dataset, **options) for dataset, options, _ in read_loaders(case, data)]
    return model, loaders


def build_slice_aware(case, data):
    [trunk], [task] = case["trunks"], case["tasks"]
    model = SliceAwareClassifier(
        base_architecture=build_trunk(trunk),
        head_dim=trunk["sizes"][-1],
        slice_names=case["sliceNames"],
        input_data_key=trunk["field"],
        task_name=task["name"],
        scorer=build_scorer(task),
        device=-1,
        dataparallel=case["dataparallel"],
    )
    loaders = []
    for dataset, options, slices in read_loaders(case, data):
        inside = np.rec.fromarrays([values.numpy() for values in slices.values()], names=list(slices))
        loaders.append(model.make_slice_dataloader(dataset, inside, **options))
    return model, loaders


def read_loaders(case, data):
    for i, loader in enumerate(case["loaders"]):
        key = f"{case['name']}/{i}"
        x_dict = {field: data[f"{key}/xDict/{field}"] for field in case["fields"]}
        y_dict = {label["name"]: data[f"{key}/yDict/{label['name']}"] for label in loader["labels"]}
        slices = {name: data[f"{key}/slices/{name}"] for name in case["sliceNames"] or []}
        dataset = DictDataset(loader["dataset"], loader["split"], x_dict, y_dict)
        options = {"batch_size": loader["batchSize"], "shuffle": loader["shuffle"], "drop_last": loader["dropLast"]}
        yield dataset, options, slices
