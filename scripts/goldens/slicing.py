"""Writes test/goldens/slicing.json: what Snorkel's slicing gives, and small trainings of slice-aware models.

Data, initial weights, the order of points and batches and dropout all come from `torch.manual_seed` and `random.seed`.
The slices' names are such that Snorkel pairs the heads of one slice with each other. The kernels are those of
plain_kernels.py.
"""

import plain_kernels  # before torch

import json
import random
import warnings
from pathlib import Path
from types import SimpleNamespace

import torch
from snake_case import snake_case
from snorkel.classification import DictDataset, MultitaskClassifier, Operation, Task, Trainer
from snorkel.slicing import (
    SFApplier,
    SliceAwareClassifier,
    SliceCombinerModule,
    convert_to_slice_tasks,
    slicing_function,
)
from torch import nn

SEED = 20
ROWS = {"train": 40, "valid": 16}
HIDDEN = 6
COMMON = dict(nEpochs=3, lr=0.05, progressBar=False, logManagerConfig=dict(counterUnit="batches", evaluationFreq=1))
RUNS = [
    dict(COMMON, optimizer="sgd", gradClip=0.5, optimizerConfig=dict(sgdConfig=dict(momentum=0.8))),
    dict(COMMON, optimizer="adam", gradClip=0, l2=0.01),
    dict(COMMON, optimizer="adamax", gradClip=0.5, lrScheduler="exponential"),
]


@slicing_function()
def right(point):
    return point.x > 0.5


@slicing_function(name="inner")
def in_circle(point):
    return 1 if point.x**2 + point.y**2 < 0.5 else 0


def numbers(tensors):
    return {name: tensor.flatten().tolist() for name, tensor in tensors.items()}


def dataset_of(split, rows):
    points = torch.rand(rows, 2) * 2 - 1
    labels = (points[:, 0] < points[:, 1]).long()
    labels[::5] = -1
    S = SFApplier([right, in_circle]).apply(
        [SimpleNamespace(x=x, y=y) for x, y in points.tolist()], progress_bar=False
    )
    return DictDataset("points", split, {"points": points}, {"above": labels}), S


def train(options):
    torch.manual_seed(SEED)
    random.seed(SEED)
    data = [dataset_of(split, rows) for split, rows in ROWS.items()]
    trunk = nn.Sequential(nn.Linear(2, HIDDEN), nn.ReLU(), nn.Dropout(0.2))
    model = SliceAwareClassifier(
        trunk, HIDDEN, ["right", "inner"], "points", "above", dataparallel=False, device=-1
    )
    start = numbers(model.state_dict())
    loaders = [
        model.make_slice_dataloader(dataset, S, batch_size=8, shuffle=dataset.split == "train")
        for dataset, S in data
    ]
    losses = []

    def calculate_loss(*batch):
        by_label, counts = MultitaskClassifier.calculate_loss(model, *batch)
        losses.append({label: loss.item() for label, loss in by_label.items()})
        return by_label, counts

    model.calculate_loss = calculate_loss
    Trainer(**snake_case(options)).fit(model, loaders)
    return dict(
        trainer=options,
        slices=[{name: S[name].tolist() for name in S.dtype.names} for _, S in data],
        labels=numbers(loaders[0].dataset.Y_dict),
        start=start,
        losses=losses,
        weights=numbers(model.state_dict()),
        scores=model.score(loaders),
        sliceScores=model.score_slices(loaders),
    )


def operations(task):
    return [dict(name=op.name, moduleName=op.module_name, inputs=op.inputs) for op in task.op_sequence]


def convert():
    torch.manual_seed(SEED)
    task = Task(
        name="spam",
        module_pool=nn.ModuleDict({"trunk": nn.Linear(3, 4), "head": nn.Linear(4, 2)}),
        op_sequence=[Operation("trunk", [("_input_", "text")]), Operation("head", ["trunk"])],
    )
    tasks = convert_to_slice_tasks(task, ["short", "long"])
    model = MultitaskClassifier(tasks, dataparallel=False, device=-1)
    return dict(
        tasks=[dict(name=task.name, operations=operations(task)) for task in tasks],
        modules=list(model.module_pool),
        parameters=[name for name, _ in model.named_parameters()],
        state=numbers(model.state_dict()),
    )


def combine(temperature):
    torch.manual_seed(SEED)
    outputs = {}
    for slice_name in ["short", "long", "base"]:
        for end, columns in dict(_ind_head=2, _pred_transform=5, _pred_head=2).items():
            outputs[f"spam_slice:{slice_name}{end}"] = torch.randn(7, columns).mul(3).requires_grad_()
    combined = SliceCombinerModule(temperature=temperature)(outputs)
    combined.square().sum().backward()
    return dict(
        temperature=temperature,
        outputs={name: tensor.tolist() for name, tensor in outputs.items()},
        combined=combined.tolist(),
        gradients={name: tensor.grad.tolist() for name, tensor in outputs.items()},
    )


if __name__ == "__main__":
    torch.set_num_threads(1)
    warnings.filterwarnings("ignore")  # an F1 of nothing
    golden = dict(
        seed=SEED,
        runs=[train(options) for options in RUNS],
        converted=convert(),
        combined=[combine(temperature) for temperature in (1.0, 0.3, 1e5)],
    )
    path = Path(__file__).parents[2] / "test" / "goldens" / "slicing.json"
    path.write_text(json.dumps(golden) + "\n")
