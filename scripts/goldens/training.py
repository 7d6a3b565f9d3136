"""Writes test/goldens/training.json: small runs of Snorkel's Trainer, everything drawn from one seed.

Data, initial weights, the order of points and batches and dropout all come from `torch.manual_seed` and `random.seed`.
Losses are those of each batch; weights are those at the end. The kernels are those of plain_kernels.py.
"""

import plain_kernels  # before torch

import json
import random
from pathlib import Path

import torch
from snake_case import snake_case
from snorkel.classification import DictDataLoader, DictDataset, MultitaskClassifier, Operation, Task, Trainer
from torch import nn

SEED = 20
ROWS = {"train": 40, "valid": 12}
# As a Trainer takes them there; Snorkel's names are the same in snake_case.
COMMON = dict(nEpochs=2, lr=0.05, progressBar=False, logManagerConfig=dict(counterUnit="batches", evaluationFreq=1))
MOMENTUM = dict(sgdConfig=dict(momentum=0.8))
WARMUP = dict(warmupSteps=4, minLr=0.03)
RUNS = [
    dict(COMMON, optimizer="sgd", gradClip=0.5, lrScheduler="linear", optimizerConfig=MOMENTUM),
    dict(COMMON, optimizer="adam", gradClip=0, l2=0.01),
    dict(COMMON, optimizer="adamax", gradClip=0.5, lrScheduler="exponential", lrSchedulerConfig=WARMUP),
]


def loaders_of(name, label_of):
    for split, rows in ROWS.items():
        points = torch.rand(rows, 2) * 2 - 1
        labels = label_of(points).long()
        labels[::5] = -1
        dataset = DictDataset(name, split, {"points": points}, {name: labels})
        yield DictDataLoader(dataset, batch_size=8, shuffle=split == "train")


def task_of(name, trunk):
    return Task(
        name=name,
        module_pool=nn.ModuleDict({"trunk": trunk, f"{name}_head": nn.Linear(6, 2)}),
        op_sequence=[Operation("trunk", [("_input_", "points")]), Operation(f"{name}_head", ["trunk"])],
    )


def train(options):
    torch.manual_seed(SEED)
    random.seed(SEED)
    loaders = [
        *loaders_of("circle", lambda points: points.square().sum(1) < 1),
        *loaders_of("square", lambda points: (points.abs() < 0.5).all(1)),
    ]
    trunk = nn.Sequential(nn.Linear(2, 6), nn.ReLU(), nn.Dropout(0.2))
    tasks = [task_of(name, trunk) for name in ("circle", "square")]
    model = MultitaskClassifier(tasks, dataparallel=False, device=-1)
    trainer = Trainer(**snake_case(options))
    losses = []

    def calculate_loss(*batch):
        by_label, counts = MultitaskClassifier.calculate_loss(model, *batch)
        losses.append({label: loss.item() for label, loss in by_label.items()})
        return by_label, counts

    model.calculate_loss = calculate_loss
    trainer.fit(model, loaders)
    return dict(
        trainer=options,
        losses=losses,
        scores=model.score(loaders),
        weights={name: weight.flatten().tolist() for name, weight in model.state_dict().items()},
    )


torch.set_num_threads(1)
golden = dict(seed=SEED, runs=[train(options) for options in RUNS])
path = Path(__file__).parents[2] / "test" / "goldens" / "training.json"
path.write_text(json.dumps(golden) + "\n")
