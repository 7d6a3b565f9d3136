"""Writes test/goldens/checkpointer.json: the files that Snorkel's Checkpointer leaves, and Python's str of floats."""

import json
import math
import os
import tempfile
from pathlib import Path
from types import SimpleNamespace

from snorkel.classification.training.loggers import Checkpointer

LOSS = "model/all/train/loss"
ACCURACY = "task/data/valid/accuracy"
RUNS = [
    dict(
        unit="epochs",
        config=dict(checkpoint_metric=f"{LOSS}:min", checkpoint_task_metrics=[f"{ACCURACY}:max"]),
        # Equal is not better; a metric may be absent.
        steps=[
            (0.5, {LOSS: 0.5, ACCURACY: 0.7}),
            (1.0, {LOSS: 0.5, ACCURACY: 0.8}),
            (1.5, {LOSS: 0.4, ACCURACY: 0.8}),
            (2.0, {LOSS: 0.6}),
        ],
    ),
    dict(
        unit="batches",
        config=dict(checkpoint_metric=f"{ACCURACY}:max", checkpoint_runway=4),
        steps=[(2, {ACCURACY: 0.9}), (4, {ACCURACY: 0.1}), (6, {ACCURACY: 0.2})],
    ),
    dict(
        unit="points",
        config=dict(checkpoint_metric=f"{ACCURACY}:max", checkpoint_clear=False),
        steps=[(32, {ACCURACY: 0.9}), (64, {ACCURACY: 0.1})],
    ),
    dict(
        unit="epochs",
        config=dict(checkpoint_metric=f"{LOSS}:min"),
        steps=[(1 / 3, {LOSS: 3.0}), (2 / 3, {LOSS: 1.0}), (1e-05, {LOSS: 2.0})],
    ),
]
FLOATS = [0.0, 0.5, 1.0, 1 / 3, 100.0, 123456789.125, 1e-4, 9.9e-05, 1e-05, 1.5e-07, 5e-324]
FLOATS += [1e15, 9999999999999998.0, 1e16, 1.2345e16, 1e21, 1e22, 1.5e100, 1.7976931348623157e308, math.pi * 1e-5]


def files(folder):
    """File name to the iteration whose model it holds."""
    return {
        name.replace(".pth", ".safetensors"): float(Path(folder, name).read_text())
        for name in sorted(os.listdir(folder))
    }


def play(run):
    with tempfile.TemporaryDirectory() as folder:
        checkpointer = Checkpointer(run["unit"], 1.0, checkpoint_dir=folder, **run["config"])
        after = []
        for iteration, metrics in run["steps"]:
            model = SimpleNamespace(save=lambda path: Path(path).write_text(str(iteration)))
            checkpointer.checkpoint(iteration, model, metrics)
            after.append(files(folder))
        checkpointer.clear()
        loaded = []
        checkpointer.load_best_model(SimpleNamespace(load=lambda path: loaded.append(Path(path).read_text())))
        return dict(after=after, cleared=files(folder), best=checkpointer.best_metric_dict, loaded=float(loaded[0]))


def camel(name):
    head, *rest = name.split("_")
    return head + "".join(word.capitalize() for word in rest)


golden = {
    "runs": [
        dict(
            counterUnit=run["unit"],
            config={camel(name): value for name, value in run["config"].items()},
            steps=[dict(iteration=iteration, metrics=metrics) for iteration, metrics in run["steps"]],
            **play(run),
        )
        for run in RUNS
    ],
    "floats": [dict(value=value, text=str(value)) for value in FLOATS],
}
path = Path(__file__).parents[2] / "test" / "goldens" / "checkpointer.json"
path.write_text(json.dumps(golden, indent=1) + "\n")
