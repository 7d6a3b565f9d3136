"""Writes test/goldens/task_kinds.json: Snorkel's Trainer on a task of several labels and a regression, from one seed.

Scores are scikit-learn's, as custom metrics of a Scorer. The kernels are those of plain_kernels.py.
"""

import plain_kernels  # before torch

import json
import random
from pathlib import Path

import torch
import torch.nn.functional as F
from sklearn import metrics as M
from snorkel.analysis import Scorer
from snorkel.classification import DictDataLoader, DictDataset, MultitaskClassifier, Operation, Task, Trainer
from torch import nn

SEED = 21
ROWS = 40
TRAINER = dict(optimizer="adam", lr=0.05, n_epochs=3, progress_bar=False)


def scorer_of(**scores):
    return Scorer(custom_metric_funcs={name: lambda g, _, p, score=score: score(g, p) for name, score in scores.items()})


def task_of(name, trunk, outputs, loss_func, output_func, scorer):
    return Task(
        name=name,
        module_pool=nn.ModuleDict({"trunk": trunk, f"{name}_head": nn.Linear(6, outputs)}),
        op_sequence=[Operation("trunk", [("_input_", "points")]), Operation(f"{name}_head", ["trunk"])],
        scorer=scorer,
        loss_func=loss_func,
        output_func=output_func,
    )


def main():
    torch.set_num_threads(1)
    torch.manual_seed(SEED)
    random.seed(SEED)
    points = torch.rand(ROWS, 2) * 2 - 1
    signs = torch.cat([points, points.sum(1, keepdim=True)], 1).gt(0).float()
    squares = torch.cat([points, points.square()], 1)
    dataset = DictDataset("data", "train", {"points": points}, {"signs": signs, "squares": squares})
    loader = DictDataLoader(dataset, batch_size=8, shuffle=True)
    trunk = nn.Sequential(nn.Linear(2, 6), nn.ReLU())
    of_signs = scorer_of(
        accuracy=lambda g, p: M.accuracy_score(g, p > 0.5),
        f1_macro=lambda g, p: M.f1_score(g, p > 0.5, average="macro"),
        roc_auc_micro=lambda g, p: M.roc_auc_score(g, p, average="micro"),
    )
    of_squares = scorer_of(rmse=M.root_mean_squared_error, r2=M.r2_score)
    tasks = [
        task_of("signs", trunk, 3, F.binary_cross_entropy_with_logits, torch.sigmoid, of_signs),
        task_of("squares", trunk, 4, F.mse_loss, lambda output: output, of_squares),
    ]
    model = MultitaskClassifier(tasks, dataparallel=False, device=-1)
    Trainer(**TRAINER).fit(model, [loader])
    golden = {
        "seed": SEED,
        "scores": {name: float(score) for name, score in model.score([loader]).items()},
        "weights": {name: weight.flatten().tolist() for name, weight in model.state_dict().items()},
    }
    path = Path(__file__).parents[2] / "test" / "goldens" / "task_kinds.json"
    path.write_text(json.dumps(golden) + "\n")


main()
